#!/usr/bin/env node
import { parseArgs } from "node:util";
import { createClient, type Feiqian } from "@feiqian/sdk";
import type { Command, Context } from "./command.ts";
import { commands } from "./commands.ts";
import { exitCodeOf, exitCodes, failureJson, failureText, UsageError } from "./failures.ts";
import { commandHelp, commonOptions, generalHelp } from "./help.ts";
import { createOutput } from "./output.ts";
import { type Profile, readProfile } from "./profile.ts";
import { signerOf } from "./signing-key.ts";
import { type Language, languageOf } from "./words.ts";

/** The `feiqian` command: finds what is asked for, does it, and ends with a code that says how it went. */
const words = process.argv.slice(2);
const language = languageOf(optionValue("lang"), process.env);
const isJson = words.includes("--json");
const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort(new Error("interrupted")));
process.once("SIGTERM", () => interrupted.abort(new Error("interrupted")));
// Whoever reads no further (`| head`) has enough.
process.stdout.on("error", () => process.exit(exitCodes.done));

try {
  await main();
} catch (error) {
  if (interrupted.signal.aborted) process.exitCode = exitCodes.interrupted;
  else {
    const text = isJson ? JSON.stringify(failureJson(error)) : failureText(error, language);
    process.stderr.write(`${text}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

async function main(): Promise<void> {
  const command = findCommand();
  if (!command) {
    const asksForHelp = words.length === 0 || words.includes("--help") || words[0] === "help";
    if (!asksForHelp) throw unknownCommand(words[0] ?? "");
    process.stdout.write(`${generalHelp(commands, language)}\n`);
    return;
  }
  if (words.includes("--help")) process.stdout.write(`${commandHelp(command, language)}\n`);
  else await command.run(contextOf(command));
}

/** The command whose name the line begins with; `payments list` before `payments`. */
function findCommand(): Command | undefined {
  const byLength = commands.toSorted((a, b) => b.name.length - a.name.length);
  return byLength.find(({ name }) => name.split(" ").every((word, i) => words[i] === word));
}

function unknownCommand(word: string): UsageError {
  const group = commands.filter(({ name }) => name.startsWith(`${word} `)).map(({ name }) => name);
  if (group.length > 0) {
    const list = group.map((name) => `feiqian ${name}`);
    return new UsageError({
      en: `There are: ${list.join(", ")}.`,
      zh: `可用的命令：${list.join("、")}。`,
    });
  }
  return new UsageError({
    en: `There is no command "${word}"; see feiqian --help.`,
    zh: `没有命令“${word}”，请见 feiqian --help。`,
  });
}

function contextOf(command: Command): Context {
  const { values, positionals } = parse(command);
  const { min, max } = command.positionals;
  if (positionals.length < min || positionals.length > max) {
    const usage = `feiqian ${command.name} ${command.usage}`;
    throw new UsageError({ en: `Usage: ${usage}`, zh: `用法：${usage}` });
  }
  let profile: Profile | undefined;
  let feiqian: Feiqian | undefined;
  const options = () => ({ baseUrl: profileOf().base_url, language: language === "zh" ? "zh-CN" : "en" }) as const;
  const merchantsClient = (): Feiqian => {
    const { api_key, signing_key } = profileOf();
    return createClient({ ...options(), apiKey: api_key, ...(signing_key && { signing: signerOf(signing_key) }) });
  };
  const profileOf = (): Profile => (profile ??= readProfile(process.env));
  return {
    positionals,
    text: (option) => {
      const value = values[option];
      return typeof value === "string" ? value : undefined;
    },
    flag: (option) => values[option] === true,
    language,
    env: process.env,
    get profile() {
      return profileOf();
    },
    get feiqian() {
      return (feiqian ??= merchantsClient());
    },
    clientOf: (apiKey) => createClient({ ...options(), ...(apiKey && { apiKey }) }),
    output: createOutput(isJson, language, (text) => process.stdout.write(text)),
    signal: interrupted.signal,
  };
}

function parse(command: Command) {
  const terms = { ...command.options, ...commonOptions };
  const options = Object.fromEntries(Object.entries(terms).map(([name, { type }]) => [name, { type }]));
  try {
    return parseArgs({ args: words.slice(command.name.split(" ").length), options, allowPositionals: true });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new UsageError({
      en: `${said} See feiqian ${command.name} --help.`,
      zh: `${said} 请见 feiqian ${command.name} --help。`,
    });
  }
}

/** An option that is needed before the line can be parsed. */
function optionValue(name: string): Language | undefined {
  const at = words.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  const value = words[at]?.includes("=") ? words[at].split("=")[1] : words[at + 1];
  return at >= 0 && value?.startsWith("zh") ? "zh" : at >= 0 ? "en" : undefined;
}
