/** What people read, in the two languages that the platform speaks. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

export type Language = keyof Words;

/** The language that was asked for, or that of the environment: Chinese where it says so, otherwise English. */
export function languageOf(asked: string | undefined, { LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): Language {
  return /^zh/i.test(asked ?? (LC_ALL || LC_MESSAGES || LANG || "")) ? "zh" : "en";
}
