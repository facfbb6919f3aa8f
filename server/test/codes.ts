import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { now } from "#kit/clock.ts";
import { config, configure, readMasterKey } from "#kit/config.ts";
import { openKeyring } from "#kit/crypto.ts";
import { closeDatabase, inTransaction, openDatabase } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { listenForNotifications } from "#kit/notifications.ts";
import { codeKey, type EnrolledKey, enrolCodeKeys, formatCode, stepAt } from "#modules/codes";
import { cloneDatabase } from "./database.ts";

/** Gives the calling test file a database of its own with what payment codes stand on, without HTTP. */
export function useCodes(): void {
  let stop = async () => {};
  before(async () => {
    const { url, drop } = await cloneDatabase();
    const folder = await mkdtemp(join(tmpdir(), "feiqian-test-"));
    const masterKey = join(folder, "master.key");
    await writeFile(masterKey, randomBytes(32).toString("hex"), { mode: 0o600 });
    configure({ DATABASE_URL: url, MASTER_KEY_FILE: masterKey, MODE: "test", LOG_LEVEL: "error" });
    openDatabase({ url });
    await openKeyring(readMasterKey(masterKey));
    const stopListening = await listenForNotifications();
    stop = async () => {
      await stopListening();
      await closeDatabase();
      await drop();
      await rm(folder, { recursive: true });
    };
  });
  after(() => stop());
}

/** Enrolled devices of as many users. */
export const enrolled = (count: number): Promise<EnrolledKey[]> =>
  inTransaction((tx) =>
    enrolCodeKeys(
      tx,
      Array.from({ length: count }, () => ({ userId: newId("usr"), deviceId: newId("dev"), livemode: false })),
    ),
  );

export async function anEnrolledDevice(): Promise<EnrolledKey> {
  const [device] = await enrolled(1);
  return device as EnrolledKey;
}

/** The step of this moment. */
export const thisStep = (): number => stepAt(now());

/** What the device shows, now unless another step is given. */
export const codeOf = (device: Pick<EnrolledKey, "alias" | "key">, { n = 0, step = thisStep() } = {}): string =>
  formatCode(config().issuerPrefix, device.alias, codeKey(device.key), step, n);

/** The same code with other digits. */
export const wrongly = (code: string): string =>
  code.slice(0, 11) + code.slice(11).replace(/\d/g, (d) => String((Number(d) + 1) % 10));
