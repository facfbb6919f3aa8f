/** What a file says above its table. */
export interface Heading {
  readonly title: string;
  readonly lines: readonly string[];
}

export const fileFormats = ["csv", "xlsx", "pdf"] as const;
export type FileFormat = (typeof fileFormats)[number];

export const contentTypes: Readonly<Record<FileFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pdf: "application/pdf",
};

/** Most rows of a file that is made in memory; CSV has no limit. */
export const mostRows = { xlsx: 20_000, pdf: 5_000 } as const;
