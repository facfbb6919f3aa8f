import { Type } from "typebox";
import { ById, Id, Strict, Time } from "#kit/schemas.ts";
import { TerminalObject } from "./schemas.ts";

export const CreatePairingCode = {
  tags: ["Merchants"],
  summary: "Make a code that pairs a till with a terminal",
  description: "It works once, for ten minutes, and takes the place of one that was made before.",
  params: ById,
  response: {
    200: Type.Object({
      object: Type.Literal("pairing_code"),
      terminal: Id("trm"),
      pairing_code: Type.String({ description: "As `7K3M-Q9TX`; typed with or without the dash, in any case" }),
      livemode: Type.Boolean(),
      expires_at: Time,
    }),
  },
};

export const PairTerminal = {
  tags: ["Merchants"],
  summary: "Pair a till",
  description:
    "Gives the token of the terminal's till, once. With it the till charges codes, asks about payments of its store, and refunds them up to the terminal's limit. A till that was paired with this terminal before is one no longer.",
  body: Strict({ pairing_code: Type.String({ minLength: 8, maxLength: 20 }) }),
  response: {
    200: Type.Object({
      object: Type.Literal("terminal_token"),
      token: Type.String({ description: "`tt_test_…` or `tt_live_…`" }),
      terminal: TerminalObject,
    }),
  },
};

export const ReportLost = {
  tags: ["Merchants"],
  summary: "Stop a terminal whose till is gone",
  description: "Its token and a pairing code that waits end at once. Made `active` again, it is paired anew.",
  params: ById,
  response: { 200: TerminalObject },
};
