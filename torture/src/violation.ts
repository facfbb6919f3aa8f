/** A promise that was broken. */
export interface Violation {
  readonly promise: string;
  /** Id of the object, the account or the command that shows it. */
  readonly object: string;
  readonly what: string;
}
