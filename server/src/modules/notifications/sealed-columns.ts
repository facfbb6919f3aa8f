import { sealedTable } from "#kit/sealed-columns.ts";
import { secretContext } from "./endpoint.ts";
import { notifySecretName } from "./rotate-secret.ts";

type Row = Readonly<Record<"merchant_id" | "livemode" | "id", string>>;
const ofEndpoint = ({ merchant_id, livemode, id }: Row): string =>
  secretContext({ merchantId: merchant_id, livemode: livemode === "true" }, id);
const ofNotify = ({ merchant_id, livemode }: Omit<Row, "id">): string =>
  secretContext({ merchantId: merchant_id, livemode: livemode === "true" }, notifySecretName);

/** Where this module's sealed values lie. */
sealedTable("webhook_endpoints", {
  key: { merchant_id: "text", livemode: "bool", id: "text" },
  columns: { secret: ofEndpoint, previous_secret: ofEndpoint },
});
sealedTable("notify_secrets", {
  key: { merchant_id: "text", livemode: "bool" },
  columns: { secret: ofNotify, previous_secret: ofNotify },
});
