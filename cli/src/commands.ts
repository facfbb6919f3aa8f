import type { Command } from "./command.ts";
import { eventsGet, eventsList, eventsResend } from "./commands/events.ts";
import { listen } from "./commands/listen.ts";
import { login, logout } from "./commands/login.ts";
import { pay } from "./commands/pay.ts";
import { paymentsCancel, paymentsCapture, paymentsClose, paymentsGet, paymentsList } from "./commands/payments.ts";
import { refund } from "./commands/refund.ts";
import { trigger } from "./commands/trigger.ts";

/** Everything that the command line can do, as the help lists it. */
export const commands: readonly Command[] = [
  login,
  logout,
  pay,
  refund,
  paymentsList,
  paymentsGet,
  paymentsCapture,
  paymentsCancel,
  paymentsClose,
  eventsList,
  eventsGet,
  eventsResend,
  listen,
  trigger,
];
