import type { Document } from "./openapi.ts";

interface Operation {
  readonly summary?: string;
  readonly security?: readonly Record<string, unknown>[];
  readonly "x-permission"?: string;
}

const who: Readonly<Record<string, string>> = {
  merchant: "merchant's key",
  terminal: "till",
  user: "user",
  payer: "holder of the payment key",
  staff: "staff",
};

/** `docs/access.md`: every endpoint with who may call it, from the routes themselves. A route that does not say so does not start. */
export function accessPage(document: Document, command: string): string {
  const { paths } = document as { paths: Record<string, Record<string, Operation>> };
  const rows = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { security = [], "x-permission": permission }]) => {
      const kinds = security.flatMap((scheme) => Object.keys(scheme)).map((kind) => who[kind] ?? kind);
      return `| \`${method.toUpperCase()} ${path}\` | ${kinds.join(", ") || "anyone"} | ${permission ? `\`${permission}\`` : ""} |`;
    }),
  );
  return `# Who may call what

Each route says beside itself who may call it (\`allow\`, \`open\` in \`server/src/kit/access.ts\`), and one that does not is refused at the start. A restricted key and a
role of staff need the permission that is named; what each role has stands in \`server/src/modules/identity/roles.ts\`. Whoever is let in sees and changes what is
their own: a merchant its merchant's, a user theirs, the holder of a payment key that payment, each in its own mode. What belongs to somebody else is
not found. Staff see every owner's. \`server/src/roles/access.test.ts\` tries every line of this page with everybody who may not.
Made by \`${command}\` from the routes.

| endpoint | who | permission |
|---|---|---|
${rows.join("\n")}
`;
}
