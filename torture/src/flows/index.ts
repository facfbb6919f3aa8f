import type { Flow } from "../actor.ts";
import { topUp, withdraw } from "./bank.ts";
import { collect } from "./collect.ts";
import { hold } from "./hold.ts";
import { expiringOrder, order } from "./order.ts";
import { scan } from "./scan.ts";
import { transfer } from "./transfer.ts";

/** Everything that is played, and how often compared with the others. */
export const flows: readonly (readonly [weight: number, flow: Flow])[] = [
  [5, order],
  [1, expiringOrder],
  [4, hold],
  [5, scan],
  [3, collect],
  [4, transfer],
  [2, topUp],
  [2, withdraw],
];
