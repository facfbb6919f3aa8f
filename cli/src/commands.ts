import type { Command } from "./command.ts";
import { login, logout } from "./commands/login.ts";
import { paymentsGet, paymentsList } from "./commands/payments.ts";

/** Everything that the command line can do, as the help lists it. */
export const commands: readonly Command[] = [login, logout, paymentsList, paymentsGet];
