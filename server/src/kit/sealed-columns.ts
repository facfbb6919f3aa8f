/**
 * The one list of where sealed values lie, so that they can be sealed anew under another data key. A module declares its tables beside
 * its statements; a test finds columns that nobody declared.
 */
export interface SealedTable {
  readonly table: string;
  /** The primary key's columns in their order, with their SQL types. */
  readonly key: Readonly<Record<string, string>>;
  /** Other columns that a context is made of. */
  readonly reads: readonly string[];
  /** What a column's value is sealed for. Every column is given as text, booleans as `true` and `false`. */
  readonly columns: Readonly<Record<string, (row: Readonly<Record<string, string>>) => string>>;
  /** The column that names the person (or merchant) under whose own key the values are sealed. */
  readonly subject: string | undefined;
}

const tables = new Map<string, SealedTable>();

interface Declaration<Column extends string, Read extends string> {
  key: Record<Column, string>;
  columns: Record<string, (row: Readonly<Record<Column | Read, string>>) => string>;
  reads?: readonly Read[];
  subject?: NoInfer<Column>;
}

/** Declares which columns of a table hold sealed values. Names are SQL text, constants of the code. A table may be declared in parts. */
export function sealedTable<Column extends string, Read extends string = never>(
  table: string,
  { key, columns, reads = [], subject }: Declaration<Column, Read>,
): void {
  const name = `${table}.${Object.keys(columns)[0]}`;
  if (tables.has(name)) throw new Error(`${name} is declared twice`);
  tables.set(name, { table, key, columns, reads, subject });
}

/** By table and first column. */
export const sealedTables = (): ReadonlyMap<string, SealedTable> => tables;
