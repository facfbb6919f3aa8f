import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { useDatabase } from "#test/database.ts";
import { anAccount, aPost, aTransfer, aWallet, historyIsWritten, mustPost, postAll } from "#test/ledger.ts";
import { audit } from "./auditor.ts";
import { projectHistory } from "./history.ts";

useDatabase({ connections: 20 });

const kinds = async (): Promise<string[]> => {
  const found = new Set((await audit()).differences.map(({ kind }) => kind));
  return [...found].sort();
};

/** A wallet that was paid into and out of, with a hold taken and one standing; written to history. */
async function aBusyWallet() {
  const [wallet, shop] = [await aWallet(1_000), await anAccount({ lanes: 4 })];
  const payment = aTransfer(wallet, shop, 100);
  const taken = aTransfer(wallet, shop, 5, { kind: "pending" });
  const standing = aTransfer(wallet, shop, 6, { kind: "pending" });
  await mustPost(payment, taken, standing, aPost(taken.id, { amount: 3 }));
  const projector = projectHistory();
  await historyIsWritten();
  await projector.stop();
  return { wallet, shop, payment: payment.id, taken: taken.id, standing: standing.id };
}

/** What somebody might do to the tables past the ledger, and as what the audit reports it. */
const tamperings: { what: string; to: keyof Awaited<ReturnType<typeof aBusyWallet>>; by: string; kinds: string[] }[] = [
  {
    what: "a balance that was changed",
    to: "wallet",
    by: "update ledger_accounts set debits_posted = debits_posted - 1 where id = $1",
    kinds: ["balance", "total"],
  },
  {
    what: "a balance that was changed on both sides",
    to: "wallet",
    by: "update ledger_accounts set debits_posted = debits_posted - 1, credits_posted = credits_posted - 1 where id = $1",
    kinds: ["balance"],
  },
  {
    what: "an account that is gone",
    to: "shop",
    by: "delete from ledger_accounts where id = $1",
    kinds: ["balance", "history", "total", "transfer"],
  },
  {
    what: "an amount that was changed",
    to: "payment",
    by: "update ledger_transfers set amount = amount + 1 where id = $1",
    kinds: ["balance", "history"],
  },
  {
    what: "a currency that was changed",
    to: "payment",
    by: "update ledger_transfers set currency = 'USD' where id = $1",
    kinds: ["transfer"],
  },
  {
    what: "a transfer that is gone",
    to: "payment",
    by: "delete from ledger_transfers where id = $1",
    kinds: ["balance", "history", "transfer"],
  },
  {
    what: "a hold that was taken and stands again",
    to: "taken",
    by: "update ledger_pending set state = 'pending', resolved_by = null where transfer_id = $1",
    kinds: ["balance", "pending"],
  },
  {
    what: "a hold that stands and was set aside",
    to: "standing",
    by: "update ledger_pending set state = 'voided', resolved_by = $1 where transfer_id = $1",
    kinds: ["balance", "pending"],
  },
  {
    what: "a hold that is gone",
    to: "standing",
    by: "delete from ledger_pending where transfer_id = $1",
    kinds: ["balance", "pending"],
  },
  {
    what: "a transfer that history will not learn of",
    to: "payment",
    by: "update ledger_batches set transfer_ids = array_remove(transfer_ids, $1)",
    kinds: ["history", "transfer"],
  },
  {
    what: "a sum in history that was changed",
    to: "wallet",
    by: "update ledger_history set debits_posted = debits_posted + 1 where account_id = $1",
    kinds: ["history"],
  },
  {
    what: "history that is gone",
    to: "shop",
    by: "delete from ledger_history where account_id = $1",
    kinds: ["history"],
  },
  {
    what: "an entry that history leaves out",
    to: "wallet",
    by: "update ledger_history set positions = positions[2:] where account_id = $1",
    kinds: ["history"],
  },
];

const tables = ["ledger_accounts", "ledger_transfers", "ledger_pending", "ledger_batches", "ledger_history"];

for (const { what, to, by, kinds: expected } of tamperings) {
  test(`the audit finds ${what}`, async () => {
    const busy = await aBusyWallet();
    assert.deepEqual(await kinds(), []);
    const client = await database().connect();
    try {
      for (const table of tables) await client.query(`create temporary table kept_${table} as select * from ${table}`);
      await client.query(by, [busy[to]]);
      assert.deepEqual(await kinds(), expected);
    } finally {
      for (const table of tables) {
        await client.query(`delete from ${table}`);
        await client.query(`insert into ${table} overriding system value select * from kept_${table}`);
        await client.query(`drop table kept_${table}`);
      }
      client.release();
    }
  });
}

test("a difference is told by account and lane, with what was expected and what was found", async () => {
  const { wallet } = await aBusyWallet();
  await database().query("update ledger_accounts set debits_posted = debits_posted - 1 where id = $1", [wallet]);
  assert.deepEqual((await audit()).differences[0], {
    kind: "balance",
    subject: `${wallet} lane 0`,
    expected: "6 103 0 1000",
    found: "6 102 0 1000",
  });
  await database().query("update ledger_accounts set debits_posted = debits_posted + 1 where id = $1", [wallet]);
});

test("an audit amid traffic sees one moment: nothing differs", async () => {
  const wallets = await Promise.all(Array.from({ length: 6 }, () => aWallet(1_000)));
  const projector = projectHistory();
  let running = true;
  const traffic = wallets.map(async (wallet, n) => {
    while (running) {
      const other = wallets[(n + 1) % wallets.length] as string;
      const hold = aTransfer(wallet, other, 2, { kind: "pending" });
      await postAll([aTransfer(wallet, other, 1), hold, aPost(hold.id)]);
    }
  });
  try {
    for (let i = 0; i < 10; i++) assert.deepEqual(await kinds(), []);
  } finally {
    running = false;
    await Promise.all(traffic);
    await projector.stop();
  }
});
