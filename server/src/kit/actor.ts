/** Who makes a request, as the authenticators of `kit/access` found out. */
export interface MerchantActor {
  readonly kind: "merchant";
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly keyId: string;
  /** What the key may do; `null`: everything a merchant may. */
  readonly scopes: ReadonlySet<string> | null;
}

/** A till: what a clerk does at one terminal. */
export interface TerminalActor {
  readonly kind: "terminal";
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly terminalId: string;
  /** Where it stands. */
  readonly storeId: string;
}

export interface UserActor {
  readonly kind: "user";
  readonly userId: string;
  readonly livemode: boolean;
  readonly sessionId: string;
}

export interface StaffActor {
  readonly kind: "staff";
  readonly staffId: string;
  readonly sessionId: string;
  readonly role: string;
  readonly permissions: ReadonlySet<string>;
}

/** Somebody who shows the key of one payment, without a session. */
export interface PayerActor {
  readonly kind: "payer";
  readonly paymentId: string;
  readonly livemode: boolean;
}

export type Actor = MerchantActor | TerminalActor | UserActor | StaffActor | PayerActor;
export type ActorKind = Actor["kind"];
export type ActorOf<Kind extends ActorKind> = Extract<Actor, { kind: Kind }>;

/** Whose idempotency keys and lists these are. */
export function ownerOf(actor: Actor): { ownerId: string; livemode: boolean } {
  switch (actor.kind) {
    case "merchant":
    case "terminal":
      return { ownerId: actor.merchantId, livemode: actor.livemode };
    case "user":
      return { ownerId: actor.userId, livemode: actor.livemode };
    case "payer":
      return { ownerId: actor.paymentId, livemode: actor.livemode };
    case "staff":
      return { ownerId: actor.staffId, livemode: false };
  }
}
