import { sealedTable } from "#kit/sealed-columns.ts";
import { signatureContext } from "./key-signature.ts";

/** Where this module's sealed values lie. */
sealedTable("api_keys", {
  key: { id: "text" },
  columns: { sealed_signature_secret: ({ id }) => signatureContext(id) },
});
