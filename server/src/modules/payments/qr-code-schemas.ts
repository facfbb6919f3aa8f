import { type Static, Type } from "typebox";
import { Amount, AnyId, ById, Currency, Id, ListOf, listQuery, Metadata, Strict, Text, Time } from "#kit/schemas.ts";
import { Nullable } from "./shapes.ts";

const Kind = Type.Enum(["static", "dynamic"], { description: "static: for many payments; dynamic: for one order" });

export const qrCodeStatuses = ["active", "revoked", "used", "expired"] as const;

const QrCodeObject = Type.Object(
  {
    id: Id("qr"),
    object: Type.Literal("qr_code"),
    type: Kind,
    status: Type.Enum([...qrCodeStatuses], {
      description: "used and expired: what became of a dynamic one's order; a static one is active until it is revoked",
    }),
    merchant: Id("mch"),
    payload: Type.String({ description: "EMVCo merchant-presented text, as it stands in the code" }),
    amount: Type.Union([Amount, Type.Null()], { description: "null: the payer enters it" }),
    currency: Currency,
    payment: Nullable(Id("pay")),
    store: Nullable(Id("sto")),
    terminal: Nullable(Id("trm")),
    subject: Nullable(Type.String()),
    png_url: Type.String({ description: "Path of the image on this server, to be fetched with the merchant's key" }),
    svg_url: Type.String(),
    livemode: Type.Boolean(),
    created_at: Time,
    expires_at: Nullable(Time),
    revoked_at: Nullable(Time),
    metadata: Metadata,
  },
  { description: "A QR code that a shop shows and payers scan" },
);

export const CreateQrCode = {
  tags: ["QR codes"],
  summary: "Make a QR code that payers scan",
  description:
    "Static: for a shop's door; without an amount the payer enters it. Payments by it carry its store, terminal, subject and metadata. " +
    "Dynamic: for one order that waits for its payer; it ends with the order. `docs/collect-codes.md` describes the text in the code.",
  body: Strict({
    type: Kind,
    amount: Type.Optional(Amount),
    payment: Type.Optional(AnyId({ description: "The order of a dynamic code" })),
    store: Type.Optional(Id("sto")),
    terminal: Type.Optional(Id("trm")),
    subject: Type.Optional(Text(128)),
    metadata: Type.Optional(Metadata),
  }),
  response: { 200: QrCodeObject },
};
export type QrCodeInput = Static<typeof CreateQrCode.body>;

export const ReadQrCode = {
  tags: ["QR codes"],
  summary: "Read a QR code",
  params: ById,
  response: { 200: QrCodeObject },
};

export const ListQrCodes = {
  tags: ["QR codes"],
  summary: "List QR codes",
  querystring: Strict({ ...listQuery, type: Type.Optional(Kind), store: Type.Optional(AnyId()) }),
  response: { 200: ListOf(QrCodeObject) },
};

export const RevokeQrCode = {
  tags: ["QR codes"],
  summary: "Revoke a QR code",
  description: "It can't be paid from then on. The order of a dynamic one stays as it is.",
  params: ById,
  response: { 200: QrCodeObject },
};

const drawingQuery = Strict({
  size: Type.Optional(
    Type.Integer({ minimum: 64, maximum: 2048, default: 512, description: "Pixels of the whole square" }),
  ),
  margin: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 16, default: 4, description: "Light border, in modules of the code" }),
  ),
});

/** An answer that is an image, not JSON. */
const image = (type: string) => ({
  description: "The image",
  content: { [type]: { schema: Type.Unsafe<Buffer | string>({ type: "string" }) } },
});

export const DrawQrCodePng = {
  tags: ["QR codes"],
  summary: "A QR code as PNG",
  params: ById,
  querystring: drawingQuery,
  response: { 200: image("image/png") },
};

export const DrawQrCodeSvg = {
  tags: ["QR codes"],
  summary: "A QR code as SVG",
  params: ById,
  querystring: drawingQuery,
  response: { 200: image("image/svg+xml") },
};
