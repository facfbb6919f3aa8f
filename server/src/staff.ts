import { parseArgs } from "node:util";
import { bySystem } from "#kit/audit.ts";
import { configure, describeConfig } from "#kit/config.ts";
import { openKeyring } from "#kit/crypto.ts";
import { closeDatabase, inTransaction, openDatabase } from "#kit/db.ts";
import { masterKey } from "#kit/master-key.ts";
import { type Role, roles, takeOn } from "#modules/identity";
// The modules declare where their sealed values lie, and what is written to whom.
import "./roles/api.ts";

const usage = `Feiqian: the first staff of an installation.

  npm run staff -- invite EMAIL ROLE [--locale zh-CN]

Takes somebody on without asking anybody, and prints the invitation (or mails it, where SMTP_URL is set): its bearer sets password
and authenticator app (POST /v1/staff/invitations/open, …/accept). Two are needed, an admin and an approver, before they can take on others by
themselves. It is written down in the audit log. Roles: ${Object.keys(roles).join(", ")}.

Environment:
${describeConfig()}`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { locale: { type: "string" } } });
  const [command, email = "", role = ""] = positionals;
  const locale = values.locale ?? "en";
  if (command !== "invite") return console.log(usage);
  if (!/^\S+@\S+\.\S+$/.test(email)) throw new Error(`"${email}" is no email address`);
  if (!Object.hasOwn(roles, role)) throw new Error(`"${role}" is not one of ${Object.keys(roles).join(", ")}`);
  if (locale !== "en" && locale !== "zh-CN") throw new Error(`"${locale}" is not en or zh-CN`);
  const config = configure();
  openDatabase({ url: config.databaseUrl, connections: 2 });
  try {
    await openKeyring(await masterKey(config));
    const wanted = { email, role: role as Role, locale } as const;
    const { id, invitation } = await inTransaction((tx) => takeOn(tx, wanted, bySystem("npm run staff")));
    console.log(`${id} ${email} ${role}: invited until ${invitation.expires_at}`);
    console.log(invitation.token ?? "the invitation is on its way by mail");
  } finally {
    await closeDatabase();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
