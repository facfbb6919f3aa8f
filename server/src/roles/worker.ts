import { startJobs } from "#kit/jobs.ts";
import { type Loop, repeat } from "#kit/loop.ts";
import { resealLoop } from "#kit/reseal.ts";
import { sealAuditLog } from "#modules/identity";
import { startLedgerLoops } from "#modules/ledger";
import { evaluateSignals, tellAlerts } from "#modules/monitoring";
import { fanOutLoop, sendLoop } from "#modules/notifications";
import { expirePayments } from "#modules/payments";
import { recordsLoops } from "#modules/records";
import { startBankLoops } from "#modules/wallets";

/** What runs behind the requests: projections, expiry, jobs. Several workers may run; the work is divided by the database. */
export async function startWorker(): Promise<Loop> {
  const running = [
    startLedgerLoops(),
    sealAuditLog(),
    recordsLoops(),
    repeat("payments.expire", 1_000, async () => (await expirePayments()) > 0),
    fanOutLoop(),
    sendLoop(),
    startBankLoops(),
    resealLoop(),
    evaluateSignals(),
    tellAlerts(),
    await startJobs(),
  ];
  return {
    async stop() {
      await Promise.all(running.map((loop) => loop.stop()));
    },
  };
}
