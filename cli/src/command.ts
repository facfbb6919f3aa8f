import type { Feiqian } from "@feiqian/sdk";
import type { Output } from "./output.ts";
import type { Profile } from "./profile.ts";
import type { Language, Words } from "./words.ts";

/** One thing that the command line can do. */
export interface Command {
  /** `payments list` */
  readonly name: string;
  /** What stands after the name: `PAYMENT [options]`. */
  readonly usage: string;
  readonly summary: Words;
  readonly positionals: { readonly min: number; readonly max: number };
  readonly options: Readonly<Record<string, OptionTerms>>;
  readonly run: (context: Context) => Promise<void>;
}

export interface OptionTerms {
  readonly type: "string" | "boolean";
  /** What stands for the value in the help: `AMOUNT`. */
  readonly value?: string;
  readonly help: Words;
}

/** What a command works with. */
export interface Context {
  readonly positionals: readonly string[];
  /** The text of an option, or nothing. */
  readonly text: (option: string) => string | undefined;
  readonly flag: (option: string) => boolean;
  readonly language: Language;
  readonly env: NodeJS.ProcessEnv;
  readonly profile: Profile;
  readonly feiqian: Feiqian;
  /** A client in somebody else's name; nobody's without a key. */
  readonly clientOf: (apiKey?: string) => Feiqian;
  readonly output: Output;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
}
