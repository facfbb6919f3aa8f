import type { FastifySchema } from "fastify";
import { type TSchema, Type } from "typebox";
import type { Actor, StaffActor } from "./actor.ts";
import type { Origin } from "./audit.ts";
import { config } from "./config.ts";
import type { Transaction } from "./db.ts";
import type { FastifyRequest } from "./http.ts";
import { Accepted, type Handler, once } from "./idempotency.ts";
import { Id, Time } from "./schemas.ts";

/**
 * Acts of staff that take two persons: one asks, another agrees, and then it is done exactly as it was asked (`/v1/approvals`). A module
 * declares its act with {@link approvable} and puts it on a route with {@link onceApproved}; who keeps the requests is told by the role.
 */
export type Strictness = "power" | "always";

/** What was asked, to the letter. */
export interface Asked<Body> {
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
}

export interface Act<Body, By extends Actor = StaffActor> {
  /** `pricing_plan.create`; never changes, for requests that wait are kept by it. */
  readonly kind: string;
  /** For the person who decides. */
  readonly en: string;
  readonly zh: string;
  /** What the maker must be allowed when it is done, too. */
  readonly permission: string;
  /** From which strictness on it takes two; null: one person's, for it only stops something or concerns no power. */
  readonly needs: (asked: Asked<Body>) => Strictness | null;
  /** Its answer holds a secret, for the maker's eyes alone. */
  readonly secret?: boolean;
  /**
   * Does it, in the transaction of the request or of the approval. It is also rehearsed when it is asked for, and undone, so that
   * what is impossible is refused at once: it has no effect outside the transaction. `actor` is who asked, and so is the one whom `from`
   * names: for the audit log it is the maker's act.
   */
  readonly perform: (tx: Transaction, asked: Asked<Body>, actor: By, from: Origin) => Promise<object>;
}

const acts = new Map<string, Act<never, never>>();

/** Declares an act that may need a second person. */
export function approvable<Body, By extends Actor = StaffActor>(act: Act<Body, By>): Act<Body, By> {
  if (acts.has(act.kind)) throw new Error(`there are two acts named ${act.kind}`);
  acts.set(act.kind, act);
  return act;
}

/** The act of this kind, for the one who keeps the requests. */
export const actOfKind = (kind: string): Act<unknown> | undefined => acts.get(kind) as Act<unknown> | undefined;

/** Keeps a request until somebody decides on it, and gives it as it is shown. */
export type Keeper = (
  tx: Transaction,
  request: FastifyRequest,
  act: Act<unknown>,
  asked: Asked<unknown>,
  maker: StaffActor,
) => Promise<object>;

let keep: Keeper | undefined;

/** Says who keeps requests for approval. Called once by the role that composes the modules. */
export function keepApprovalsBy(keeper: Keeper): void {
  keep = keeper;
}

type RequestOf<Schema extends FastifySchema> = Parameters<Handler<Schema>>[0];

/**
 * A route for an act: done at once (see {@link once}), or answered 202 with an approval that waits for a second person. Only what staff
 * do waits; a merchant's own key decides for itself.
 */
export const onceApproved = <Schema extends FastifySchema, By extends Actor = StaffActor>(
  act: Act<RequestOf<Schema>["body"], By>,
  { required = false }: { required?: boolean } = {},
): Handler<Schema> =>
  once<Schema>(
    async (request, tx) => {
      const { params, body, actor } = request as unknown as FastifyRequest;
      const asked = { params: params as Asked<unknown>["params"], body: body as RequestOf<Schema>["body"] };
      if (actor?.kind !== "staff" || !takesTwo(act.needs(asked))) return act.perform(tx, asked, actor as By, request);
      // Fails closed: without a keeper nobody could agree.
      if (!keep) throw new Error("nobody keeps requests for approval");
      const shown = await keep(tx, request, act as never, asked, actor);
      return new Accepted(shown);
    },
    { required, secret: act.secret ?? false },
  );

function takesTwo(needs: Strictness | null): boolean {
  const { makerChecker, mode } = config();
  const strictness = makerChecker ?? (mode === "live" ? "always" : "power");
  return needs !== null && (needs === "power" || strictness === "always");
}

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const ApprovalObject = Type.Object(
  {
    id: Id("apr"),
    object: Type.Literal("approval"),
    kind: Type.String({ description: "The act: `pricing_plan.create`" }),
    text: Type.String({ description: "The act in words" }),
    status: Type.Enum(["pending", "approved", "failed", "refused", "canceled", "lapsed", "expired", "tampered"], {
      description:
        "`failed`: approved, and then impossible; `lapsed`: its maker was disabled or got another role meanwhile; `tampered`, in lists only: it was changed in the database, and nobody can decide on it",
    }),
    content: Type.Object(
      { params: Type.Record(Type.String(), Type.String()), body: Type.Unknown() },
      { description: "Exactly what will be done: path parameters and body of the request" },
    ),
    digest: Type.String({ description: "SHA-256 of id, kind and content; to be sent back by the one who approves" }),
    maker: Id("stf"),
    decided_by: Nullable(Id("stf")),
    reason: Nullable(Type.String({ description: "Why it was refused" })),
    result: Nullable(Type.Object({}, { description: "The answer, as the maker would have had it at once" })),
    secret: Type.Boolean({ description: "The result is its maker's alone, once, for 24 hours" }),
    failure: Nullable(
      Type.Object({
        code: Type.String(),
        message: Type.String(),
        param: Nullable(Type.String()),
        details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      }),
    ),
    created_at: Time,
    expires_at: Time,
    decided_at: Nullable(Time),
  },
  { description: "What one member of staff asked for and another decides on" },
);

/** Answers of a route that may wait for a second person. */
export const orApproval = <T extends TSchema>(done: T) => ({
  200: done,
  202: { ...ApprovalObject, description: "Asked by staff: it waits for a second person" },
});
