import { sealedTable } from "#kit/sealed-columns.ts";
import { keyContext } from "./enrol-code-keys.ts";

/** Where this module's sealed values lie. */
sealedTable("code_keys", {
  key: { user_id: "text", id: "text" },
  columns: { sealed_key: ({ id }) => keyContext(id) },
});
