import { sealedTable } from "#kit/sealed-columns.ts";
import { signingKeyContext } from "./access-tokens.ts";
import { contentContext, outcomeContext, reasonContext } from "./approval.ts";
import { deviceNameContext } from "./device.ts";
import { totpSecretContext } from "./factors.ts";
import { invitedTotpContext } from "./invitation.ts";
import { frozenReasonContext } from "./kept-user.ts";
import { passkeyNameContext } from "./passkey.ts";
import { pinContext } from "./payment-pin.ts";
import { deviceContext } from "./sign-in-challenge.ts";
import { staffEmailContext, staffPasswordContext, totpContext } from "./staff.ts";
import { emailContext, nameContext, passwordContext, phoneContext } from "./user.ts";

/** Where this module's sealed values lie. */
sealedTable("users", {
  key: { id: "text" },
  subject: "id",
  columns: {
    sealed_phone: ({ id }) => phoneContext(id),
    sealed_email: ({ id }) => emailContext(id),
    sealed_name: ({ id }) => nameContext(id),
  },
});
sealedTable("users", { key: { id: "text" }, columns: { sealed_password: ({ id }) => passwordContext(id) } });
sealedTable("payment_pins", {
  key: { user_id: "text" },
  columns: { sealed_pin: ({ user_id }) => pinContext(user_id) },
});
sealedTable("devices", {
  key: { user_id: "text", id: "text" },
  columns: { sealed_name: ({ id }) => deviceNameContext(id) },
});
sealedTable("staff", {
  key: { id: "text" },
  columns: {
    sealed_email: ({ id }) => staffEmailContext(id),
    sealed_password: ({ id }) => staffPasswordContext(id),
    sealed_totp_secret: ({ id }) => totpContext(id),
  },
});
sealedTable("signing_keys", {
  key: { generation: "int" },
  reads: ["kid"],
  columns: { sealed_private_jwk: ({ kid }) => signingKeyContext(kid) },
});
sealedTable("approvals", {
  key: { id: "text" },
  reads: ["kind", "maker_id"],
  columns: {
    sealed_content: ({ id, kind, maker_id: makerId }) => contentContext({ id, kind, makerId }),
    sealed_reason: ({ id }) => reasonContext(id),
    sealed_outcome: ({ id }) => outcomeContext(id),
  },
});
sealedTable("staff_invitations", {
  key: { staff_id: "text" },
  columns: { sealed_totp_secret: ({ staff_id: id }) => invitedTotpContext(id) },
});
sealedTable("totps", {
  key: { user_id: "text" },
  columns: { sealed_secret: ({ user_id }) => totpSecretContext(user_id) },
});
sealedTable("passkeys", {
  key: { user_id: "text", id: "text" },
  columns: { sealed_name: ({ id }) => passkeyNameContext(id) },
});
sealedTable("sign_in_challenges", {
  key: { user_id: "text", hash: "bytea" },
  columns: {
    // A bytea as text is \x and hexadecimal.
    sealed_device: ({ user_id, hash }) => deviceContext({ userId: user_id, hash: Buffer.from(hash.slice(2), "hex") }),
  },
});
sealedTable("users", { key: { id: "text" }, columns: { sealed_frozen_reason: ({ id }) => frozenReasonContext(id) } });
