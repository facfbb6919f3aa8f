/** A cell on its way to the thread that makes the file: text, a moment as shown by the operator's clock (as if it were UTC), a number. */
export type SheetCell =
  | string
  | null
  | { readonly shown: string }
  | { readonly value: number; readonly decimals: number };

/** Rows, or the end of them. The first row is that of the titles. */
export type SheetMessage = { readonly rows: readonly (readonly SheetCell[])[] } | { readonly end: true };

export interface SheetSettings {
  /** Of the columns, in characters. */
  readonly widths: readonly number[];
}
