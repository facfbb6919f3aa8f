import { harmless, padded, widthOf } from "./width.ts";
import type { Language, Words } from "./words.ts";

/** One column of a table. */
export interface Column<T> {
  readonly title: Words;
  /** Numbers stand at the right. */
  readonly right?: boolean;
  readonly text: (row: T) => string | null;
}

/** Where results go: tables and sentences for people, JSON for programs. */
export interface Output {
  readonly isJson: boolean;
  /** Objects in a table, or as a JSON array. */
  table<T>(rows: readonly T[], columns: readonly Column<T>[]): void;
  /** One object as lines of name and value, or as JSON. */
  object(object: object, lines: readonly (readonly [title: Words, value: string | null | undefined])[]): void;
  /** A sentence for people; programs don't see it. */
  say(words: Words): void;
  /** One line of a stream: for people as it is, for programs an object. */
  line(text: string, object: object): void;
}

export function createOutput(isJson: boolean, language: Language, write: (text: string) => void): Output {
  const print = (text: string) => write(`${text}\n`);
  const json = (value: unknown) => print(JSON.stringify(value, null, 2));
  return {
    isJson,
    table: (rows, columns) => (isJson ? json(rows) : print(tableText(rows, columns, language))),
    object: (object, lines) => (isJson ? json(object) : print(linesText(lines, language))),
    say: (words) => (isJson ? undefined : print(words[language])),
    line: (text, object) => print(isJson ? JSON.stringify(object) : harmless(text)),
  };
}

const nothing = "—";

function tableText<T>(rows: readonly T[], columns: readonly Column<T>[], language: Language): string {
  if (rows.length === 0) return language === "zh" ? "没有记录。" : "Nothing found.";
  const cells = [
    columns.map(({ title }) => title[language]),
    ...rows.map((row) => columns.map(({ text }) => harmless(text(row) ?? nothing))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => widthOf(line[i] ?? ""))));
  return cells
    .map((line) =>
      line
        .map((cell, i) => padded(cell, widths[i] ?? 0, columns[i]?.right ? "right" : "left"))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function linesText(lines: readonly (readonly [Words, string | null | undefined])[], language: Language): string {
  const shown = lines.flatMap(([title, value]) => (value == null ? [] : [[title[language], harmless(value)] as const]));
  const width = Math.max(...shown.map(([title]) => widthOf(title)));
  return shown.map(([title, value]) => `${padded(title, width, "left")}  ${value}`).join("\n");
}

/** A time in the zone of this machine, to the second. */
export const timeText = (time: string | null): string | null =>
  time && new Date(time).toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "medium" });
