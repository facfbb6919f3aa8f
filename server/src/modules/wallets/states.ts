/** A life cycle as a table: what each state may become. */
type Moves = Readonly<Record<string, readonly string[]>>;

/** A transfer between two wallets happens whole or not at all, so there is one state it can be in. */
export const transferStates = ["succeeded"] as const;

/** What a top-up or a withdrawal may become. */
export const movementMoves = {
  pending: ["succeeded", "failed"],
  succeeded: ["returned"],
  failed: [],
  returned: [],
} as const satisfies Moves;
export type MovementStatus = keyof typeof movementMoves;
export type NextMovementStatus<From extends MovementStatus> = (typeof movementMoves)[From][number];

/**
 * What an instruction to a bank may become. `created`: the bank may not have it. `late`: the money moved although the bank had refused,
 * or although we no longer wanted it: `withdrawn`.
 */
export const instructionMoves = {
  created: ["pending", "succeeded", "refused", "withdrawn"],
  pending: ["succeeded", "refused"],
  succeeded: ["returned"],
  refused: ["late"],
  withdrawn: ["late"],
  returned: [],
  late: ["returned"],
} as const satisfies Moves;
export type InstructionState = keyof typeof instructionMoves;

/** The steps from a state to what the bank says; none when that is old news. A bank's confirmation may be missed and its return heard. */
export function stepsTo(
  from: InstructionState,
  said: "pending" | "succeeded" | "refused" | "returned",
): InstructionState[] {
  const open = from === "created" || from === "pending";
  switch (said) {
    case "pending":
      return from === "created" ? ["pending"] : [];
    case "succeeded":
      if (from === "refused" || from === "withdrawn") return ["late"];
      return open ? ["succeeded"] : [];
    case "refused":
      return open ? ["refused"] : [];
    case "returned":
      if (from === "succeeded" || from === "late") return ["returned"];
      return open ? ["succeeded", "returned"] : [];
  }
}
