import { database } from "@feiqian/server/kit/db.ts";
import { type Command, type CommandKind, type Entry, type Outcome, outcomeOf } from "../command-journal.ts";
import type { Violation } from "../violation.ts";

/** What the books have under a client's own number. */
interface Booked {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  /** Of a payment. */
  readonly captured: number;
  readonly payer: string | null;
}

type Books = ReadonlyMap<string, readonly Booked[]>;

/** What each kind of command makes, found by who asked and the number that the client gave it. */
const made: Partial<Record<CommandKind, { readonly statement: string; readonly moneyless: readonly string[] }>> =
  (() => {
    const payments = `select id, status, amount, amount_captured as captured, payer_id as payer, merchant_id as by,
    out_trade_no as number from payments where qr_code_id is null or methods is not null`;
    const movements = (type: string) => `select id, status, amount, amount as captured, null as payer, owner_id as by,
    amount::text as number from bank_movements where type = '${type}'`;
    return {
      scan: { statement: payments, moneyless: ["failed"] },
      order: { statement: payments, moneyless: [] },
      collect: {
        statement: `select id, status, amount, amount_captured as captured, payer_id as payer, payer_id as by,
        amount::text as number from payments where qr_code_id is not null and methods is null`,
        moneyless: [],
      },
      refund: {
        statement: `select id, status, amount, amount as captured, null as payer, merchant_id as by, out_refund_no as number
        from refunds`,
        moneyless: [],
      },
      transfer: {
        statement: `select id, 'succeeded' as status, amount, amount as captured, null as payer, owner_id as by, note as number
        from transfers where direction = 'out'`,
        moneyless: [],
      },
      topup: { statement: movements("topup"), moneyless: [] },
      withdrawal: { statement: movements("withdrawal"), moneyless: [] },
    };
  })();

/**
 * The clients' journal against the books: what was answered as done is there once and as it was answered; what was refused has moved
 * nothing; what nobody learnt of is there once at most.
 */
export async function judgeJournal(entries: ReadonlyMap<string, Entry>): Promise<Violation[]> {
  const violations: Violation[] = [];
  const all = [...entries.values()];
  for (const { id, complaints } of all) {
    for (const what of complaints) violations.push({ promise: "one key has one answer", object: id, what });
  }
  for (const [kind, { statement, moneyless }] of Object.entries(made)) {
    const books = await readBooks(statement);
    for (const entry of all) {
      if (entry.command.kind === kind) violations.push(...judgeMade(entry, booksOf(books, entry.command), moneyless));
    }
  }
  return [...violations, ...(await judgeActs(all))];
}

async function readBooks(statement: string): Promise<Books> {
  const { rows } = await database().query<Booked & { by: string; number: string }>(statement);
  return Map.groupBy(rows, ({ by, number }) => `${by} ${number}`);
}

const booksOf = (books: Books, { by, number }: Command): readonly Booked[] => books.get(`${by} ${number}`) ?? [];

const say = (promise: string, { id }: Entry, what: string): Violation => ({ promise, object: id, what });

function judgeMade(entry: Entry, booked: readonly Booked[], moneyless: readonly string[]): Violation[] {
  const outcome = outcomeOf(entry.answers);
  const { amount } = entry.command;
  const live = booked.filter(({ status }) => !moneyless.includes(status));
  const list = booked.map((one) => `${one.id} ${one.status} ${one.amount}`).join(", ") || "nothing";
  switch (outcome.kind) {
    case "succeeded": {
      const answered =
        live.find(({ id }) => id === outcome.object.id) ?? booked.find(({ id }) => id === outcome.object.id);
      if (booked.length !== 1 || !answered)
        return [
          say("what was answered is there once", entry, `${String(outcome.object.id)} was answered, booked is ${list}`),
        ];
      if (amount !== undefined && answered.amount !== amount)
        return [
          say("what was answered is there as it was answered", entry, `${amount} was asked for, booked is ${list}`),
        ];
      return [];
    }
    case "refused":
      return live.length > 0
        ? [say("what was refused has moved nothing", entry, `${outcome.code} was answered, booked is ${list}`)]
        : [];
    case "unknown":
      return live.length > 1 ? [say("what nobody learnt of is there once at most", entry, `booked is ${list}`)] : [];
  }
}

const payingKinds: readonly CommandKind[] = ["confirm", "collect_order", "confirm_on_device"];

/** What acts on a payment, against what became of the payment. */
async function judgeActs(all: readonly Entry[]): Promise<Violation[]> {
  const { rows } = await database().query<Booked>(
    "select id, status, amount, amount_captured as captured, payer_id as payer from payments",
  );
  const payments = new Map(rows.map((row) => [row.id, row]));
  const violations: Violation[] = [];
  const acts = Map.groupBy(
    all.filter(({ command: { payment, kind } }) => payment !== undefined && kind !== "refund"),
    ({ command }) => command.payment as string,
  );
  for (const [id, entries] of acts) {
    const payment = payments.get(id);
    if (!payment) continue;
    const told = entries.map((entry) => ({ entry, outcome: outcomeOf(entry.answers) }));
    const paid = told.filter(
      ({ entry, outcome }) => payingKinds.includes(entry.command.kind) && outcome.kind === "succeeded",
    );
    if (paid.length > 1) {
      const who = paid.map(({ entry }) => entry.id).join(", ");
      violations.push({ promise: "of several who pay one pays", object: id, what: `paid by the commands ${who}` });
    }
    for (const { entry, outcome } of told) {
      const fault = faultOf(entry, outcome, payment, told);
      if (fault)
        violations.push(say("an act is answered as it was done", entry, `${fault}; ${id} is ${payment.status}`));
    }
  }
  return violations;
}

function faultOf(
  { command, id }: Entry,
  outcome: Outcome,
  { status, payer, captured }: Booked,
  told: readonly { readonly entry: Entry; readonly outcome: Outcome }[],
): string | undefined {
  /** Another command that may have done it. */
  const another = (kinds: readonly CommandKind[]) =>
    told.some(
      ({ entry, outcome }) =>
        entry.id !== id &&
        kinds.includes(entry.command.kind) &&
        entry.command.by === command.by &&
        outcome.kind !== "refused",
    );
  const answer = outcome.kind === "succeeded" ? outcome.object : undefined;
  switch (command.kind) {
    case "confirm":
    case "collect_order":
    case "confirm_on_device":
      if (answer && payer !== command.by) return `${command.by} was told of having paid, and ${payer} has`;
      if (answer?.status === "succeeded" && status !== "succeeded") return "it was answered as paid";
      // Somebody who also asked the bank to pay has paid by it.
      if (
        outcome.kind === "refused" &&
        status === "succeeded" &&
        payer === command.by &&
        !another([...payingKinds, "confirm_by_bank"])
      )
        return `its payer was refused with ${outcome.code}`;
      return undefined;
    case "close":
    case "cancel":
      return answer && status !== "closed" ? "it was answered as closed" : undefined;
    case "capture":
      if (answer && (status !== "succeeded" || captured !== answer.amount_captured))
        return `${String(answer.amount_captured)} was answered as captured, and it is ${captured}`;
      if (outcome.kind === "refused" && status === "succeeded" && !another(["capture"]))
        return `nobody captured it but one who was refused with ${outcome.code}`;
      return undefined;
    default:
      return undefined;
  }
}
