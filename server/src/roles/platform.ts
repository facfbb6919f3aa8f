import { authenticateBy } from "#kit/access.ts";
import { assertBoundRole } from "#kit/application-role.ts";
import { keepApprovalsBy } from "#kit/approvable.ts";
import type { Config } from "#kit/config.ts";
import { openKeyring } from "#kit/crypto.ts";
import { closeDatabase, inTransaction, openDatabase } from "#kit/db.ts";
import { assertFeedsRise } from "#kit/feed.ts";
import { log } from "#kit/log.ts";
import { masterKey } from "#kit/master-key.ts";
import { missingChannels } from "#kit/messages.ts";
import { listenForNotifications } from "#kit/notifications.ts";
import { flushSignals } from "#kit/security-signals.ts";
import { loadClock } from "#kit/test-clock.ts";
import { startTracing, stopTracing } from "#kit/tracing.ts";
import { endDeviceCodes, endUserCodes, freezeCodes } from "#modules/codes";
import {
  askApproval,
  authenticateStaff,
  authenticateUser,
  beforeErasure,
  onDeviceRevoked,
  onErased,
  onRegistered,
  onUserFrozen,
  openSigningKeys,
} from "#modules/identity";
import { onDifference } from "#modules/ledger";
import { authenticateKey, authenticateTerminal, flushKeyUses, openPlatformAccounts } from "#modules/merchants";
import { raiseAlert, raiseAlerts, setDraining, watchEventLoop } from "#modules/monitoring";
import { deliveriesAbout, eventsAbout, onEndpointDisabled } from "#modules/notifications";
import { drainPayments, expandPaymentBy } from "#modules/payments";
import { receiptFor } from "#modules/records";
import { forgetCards } from "#modules/vault";
import {
  closeWallet,
  embeddedBank,
  forgetNameLater,
  openAllowanceSources,
  openMoneyOf,
  openWallet,
  useBank,
} from "#modules/wallets";
import { createApi, createProbes, edgeOf } from "./api.ts";
import { startWorker } from "./worker.ts";

export interface Platform {
  /** Where the HTTP interface listens; without the `api` role it answers probes alone. */
  address: string;
  /** Finishes what was taken, then closes everything. */
  close: () => Promise<void>;
}

/** Opens the database, wires the modules together and starts the roles of the configuration. */
export async function openPlatform(config: Config): Promise<Platform> {
  if (config.otlpEndpoint) await startTracing({ endpoint: config.otlpEndpoint, ratio: config.traceRatio });
  openDatabase({ url: config.databaseUrl, connections: config.databaseConnections });
  await assertBoundRole(config.mode);
  await assertFeedsRise();
  await openKeyring(await masterKey(config));
  await openSigningKeys();
  await inTransaction(async (tx) => {
    await openPlatformAccounts(tx, config.currency);
    await openAllowanceSources(tx, config.currency);
  });
  setDraining(false);
  watchEventLoop();
  const stopListening = await listenForNotifications();
  await loadClock();
  wireModules();
  for (const missing of missingChannels(config)) log.warn(missing);
  useBank(config.mode === "test" ? embeddedBank() : undefined);
  const worker = config.roles.has("worker") ? await startWorker() : undefined;
  const http = (config.roles.has("api") ? createApi : createProbes)(edgeOf(config));
  const where = { host: config.host, port: config.port, reusePort: config.sharePort && config.roles.has("api") };
  const address = await http.listen(where);
  return {
    address,
    async close() {
      setDraining(true);
      await http.close();
      await drainPayments();
      await worker?.stop();
      await stopListening();
      await flushKeyUses();
      await flushSignals();
      await closeDatabase();
      await stopTracing();
    },
  };
}

let wired = false;

/** What modules can't know of each other: who authenticates, and what a module to the right does when one to the left acts. */
function wireModules(): void {
  if (wired) return;
  wired = true;
  for (const authenticate of [authenticateKey, authenticateTerminal, authenticateUser, authenticateStaff])
    authenticateBy(authenticate);
  keepApprovalsBy(askApproval);
  onRegistered(openWallet);
  onDeviceRevoked(endDeviceCodes);
  beforeErasure(openMoneyOf);
  for (const forget of [closeWallet, endUserCodes, forgetCards, forgetNameLater]) onErased(forget);
  onUserFrozen(freezeCodes);
  expandPaymentBy("receipt", (payment, actor) => (payment.status === "succeeded" ? receiptFor(actor, payment) : null));
  expandPaymentBy("events", ({ merchantId: ownerId, livemode, id }) => eventsAbout({ ownerId, livemode }, id));
  expandPaymentBy("deliveries", ({ merchantId: ownerId, livemode, id }) => deliveriesAbout({ ownerId, livemode }, id));
  onDifference((tx, differences) =>
    raiseAlerts(
      tx,
      differences.map(({ kind, subject, expected, found }) => ({
        type: "ledger.difference" as const,
        group: `${kind} ${subject}`,
        objectId: subject.split(" ")[0] ?? null,
        merchantId: null,
        livemode: null,
        details: { kind, subject, expected, found },
      })),
    ),
  );
  onEndpointDisabled((tx, { merchantId, livemode, id, url, disabledReason, failingSince }) =>
    raiseAlert(tx, {
      type: "webhook_endpoint.disabled",
      merchantId,
      livemode,
      objectId: id,
      details: { host: new URL(url).host, reason: disabledReason, failing_since: failingSince },
    }),
  );
}
