import { type Loop, repeat } from "#kit/loop.ts";
import { auditBooks } from "./audit-walk.ts";
import { expirePending } from "./expire.ts";
import { projectHistory } from "./history.ts";

const sweepEveryMs = 500;
const sweepAtOnce = 500;

/** What a worker does for the ledger: gives back what expired, and keeps the history. Several workers may run at once. */
export function startLedgerLoops(): Loop {
  const loops = [
    projectHistory(),
    auditBooks(),
    repeat("ledger.expiry", sweepEveryMs, async () => (await expirePending(sweepAtOnce)) === sweepAtOnce),
  ];
  return {
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}
