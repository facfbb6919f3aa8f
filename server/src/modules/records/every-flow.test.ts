import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, booksBalance, ok, type Shop } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";

const platform = usePlatform();

interface Shown {
  type: string;
  direction: "in" | "out";
  result: string;
  amount: number;
  fee: number;
  net: number;
  source: string;
  method: string | null;
}
const recordsOf = async (who: Pick<Shop, "get">): Promise<Shown[]> => (await ok(who.get("/v1/records?limit=100"))).data;
/** By how much the records say that a balance changed. */
const change = (records: readonly Shown[]): number =>
  records.reduce((so, { direction, net }) => so + (direction === "in" ? net : -net), 0);

/** What a merchant has in all: every account of its own. */
async function owns(shop: Shop): Promise<number> {
  const { data } = await ok(shop.get("/v1/ledger/accounts"));
  return data.reduce(
    (so: number, { balance }: { balance: Record<string, number> }) =>
      so + (balance.credits_posted ?? 0) - (balance.debits_posted ?? 0),
    0,
  );
}

/** Every day's statement: opening + movements = closing, for each account. */
async function statementsAddUp(who: Pick<Shop, "get">): Promise<void> {
  for (const { id } of (await ok(who.get("/v1/statements"))).data) {
    const { accounts } = await ok(who.get(`/v1/statements/${id}`));
    assert.ok(accounts.length > 0);
    for (const { opening, closing, movements } of accounts) {
      const moved = movements.map(({ direction, amount }: Shown) => (direction === "in" ? amount : -amount));
      assert.equal(
        moved.reduce((so: number, amount: number) => so + amount, opening),
        closing,
      );
    }
  }
}

describe("after every flow", () => {
  test("a user's records add up to the wallet, and a merchant's to what it has", async () => {
    const [shop, payer, friend] = [
      await aShop(platform),
      await aPayer(platform, { money: 0 }),
      await aPayer(platform, { money: 0 }),
    ];
    await ok(payer.topUp(20_000));
    await ok(payer.topUp(3_000, "ba_test_returned"));
    assert.ok((await payer.topUp(700, "ba_test_refused")).status < 500);
    await ok(payer.withdraw(1_500));
    await ok(payer.withdraw(900, "ba_test_returned"));
    const plain = await shop.paid({ amount: 1_234 }, payer);
    const dear = await shop.paid({ amount: 2_345, fee_bearer: "payer" }, payer);
    await ok(shop.refund(plain, { amount: 234 }));
    await ok(shop.refund(dear, { amount: 345 }));
    const [part, dropped] = [await shop.held({ amount: 3_000 }, payer), await shop.held({ amount: 999 }, payer)];
    await ok(shop.capture(part, { amount: 1_800 }));
    await ok(platform.call("POST", `/v1/payments/${dropped.id}/cancel`, { token: shop.key }));
    await ok(payer.confirm(await ok(shop.order({ amount: 555 }))));
    assert.equal((await shop.scan(await payer.code(), { amount: 99_000 })).status, 402);
    await ok(payer.transfer(friend, 321));
    const byBank = await ok(shop.order({ amount: 4_000 }));
    await ok(payer.confirm(byBank, { body: { method: "bank", source: "ba_test_ok" } }));
    await ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body: { advance_ms: 61_000 } }));
    await eventually(async () => {
      const types = new Set((await recordsOf(payer)).map(({ type }) => type));
      const { status } = await ok(shop.get(`/v1/payments/${byBank.id}`));
      return types.has("topup_return") && types.has("withdrawal_return") && status === "succeeded";
    }, 15_000);
    const [going, coming] = [await recordsOf(payer), await recordsOf(shop)];
    const [fromBank, ...more] = going.filter(({ type, method }) => type === "payment" && method === "bank");
    assert.deepEqual([fromBank?.source, more], [byBank.id, []]);
    assert.equal(change(going) + 4_000, await payer.balance(), "what the bank paid did not leave the wallet");
    assert.equal(change(await recordsOf(friend)), 321);
    assert.equal(change(coming), await owns(shop));
    const count = (records: readonly Shown[], type: string, result = "succeeded") =>
      records.filter((record) => record.type === type && record.result === result).length;
    assert.deepEqual(
      ["payment", "refund", "transfer", "topup", "topup_return", "withdrawal", "withdrawal_return"].map((type) =>
        count(going, type),
      ),
      [5, 2, 1, 2, 1, 2, 1],
    );
    assert.deepEqual([count(going, "payment", "failed"), count(going, "topup", "failed")], [1, 1]);
    assert.equal(going.find(({ source }) => source === part.id)?.amount, 1_800, "what was captured counts");
    assert.ok(!going.some(({ source }) => source === dropped.id), "nothing moved");
    const [row] = (await ok(shop.get("/v1/statistics"))).data;
    assert.deepEqual(
      [row.count, row.volume, row.failed_count, row.refunded],
      [5, 1_234 + 2_345 + 1_800 + 555 + 4_000, 1, 234 + 345],
    );
    for (const who of [shop, payer, friend]) await statementsAddUp(who);
    await booksBalance();
  });

  test("a captured hold's page: from the hold to the capture, with every transfer and a receipt of what was taken", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform)];
    const held = await shop.held({ amount: 3_000 }, payer);
    await ok(shop.capture(held, { amount: 1_800 }));
    const names = ["transitions", "ledger_transfers", "receipt"].map((name) => `expand=${name}`).join("&");
    const page = await ok(shop.get(`/v1/payments/${held.id}?${names}`));
    assert.deepEqual(
      page.transitions.map(({ from, to }: Record<string, string>) => [from, to]),
      [
        [null, "authorized"],
        ["authorized", "succeeded"],
      ],
    );
    assert.deepEqual(
      page.ledger_transfers.map(({ kind, code, amount }: Record<string, unknown>) => [kind, code, amount]),
      [
        ["pending", "payment", 3_000],
        ["pending", "code_allowance_spent", 3_000],
        ["post", "capture", 1_800],
        ["posted", "payment_fee", 11],
        ["post", "capture", 1_800],
      ],
    );
    assert.deepEqual([page.receipt.amount, page.receipt.total], [1_800, 1_800]);
  });
});
