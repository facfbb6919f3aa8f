import "reflect-metadata";
import assert from "node:assert/strict";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { closeDatabase, database, openDatabase } from "@feiqian/server/kit/db.ts";
import { migrate } from "@feiqian/server/kit/migrate.ts";
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";
import { type Postgres, startPostgres } from "./postgres.ts";
import { databaseUser } from "./system-user.ts";

/** A PostgreSQL with a certificate that we made ourselves, and a client that is to trust that one and no other. */
const certificates = mkdtempSync(join(tmpdir(), "feiqian-tls-"));
const folder = join(certificates, "postgres");
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
let postgres: Postgres;

/** A self-signed certificate for a host and its key, in PEM. */
async function certify(host: string): Promise<{ certificate: string; key: string }> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${host}`,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new SubjectAlternativeNameExtension([{ type: "dns", value: host }]),
      new BasicConstraintsExtension(true),
    ],
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, "$&\n")}\n-----END PRIVATE KEY-----\n`;
  return { certificate: made.toString("pem"), key };
}

/** Gives the server a certificate for `host`, and a client the file of whom it trusts. */
async function present(host: string): Promise<string> {
  const { certificate, key } = await certify(host);
  const user = databaseUser(join(folder, "data"));
  for (const [name, text] of [
    ["server.crt", certificate],
    ["server.key", key],
  ] as const) {
    const path = join(certificates, name);
    rmSync(path, { force: true });
    writeFileSync(path, text, { mode: 0o600 });
    if (user) chownSync(path, user.uid, user.gid);
  }
  const trusted = join(certificates, `${host}.pem`);
  writeFileSync(trusted, certificate);
  return trusted;
}

const address = (trusted: string) =>
  `${postgres.url.replace("127.0.0.1", "localhost")}?sslmode=verify-full&sslrootcert=${encodeURIComponent(trusted)}`;

async function isEncrypted(url: string): Promise<boolean> {
  openDatabase({ url, connections: 1 });
  try {
    return (await database().query("select ssl from pg_stat_ssl where pid = pg_backend_pid()")).rows[0].ssl;
  } finally {
    await closeDatabase();
  }
}

let own: string;
before(async () => {
  const user = databaseUser(join(folder, "data"));
  if (user) chownSync(certificates, user.uid, user.gid);
  own = await present("localhost");
  const settings = {
    ssl: "on",
    ssl_cert_file: join(certificates, "server.crt"),
    ssl_key_file: join(certificates, "server.key"),
  };
  postgres = await startPostgres({ folder, durable: false, settings });
});
after(async () => {
  await postgres?.stop();
  rmSync(certificates, { recursive: true, force: true });
});

test("with sslmode=verify-full in its address the database is reached by TLS, by migrations too", async () => {
  assert.equal(await isEncrypted(address(own)), true);
  assert.ok((await migrate(address(own))).length > 0);
});

test("a server with a certificate that nobody vouches for is not spoken to", async () => {
  const { certificate } = await certify("localhost");
  const another = join(certificates, "another.pem");
  writeFileSync(another, certificate);
  await assert.rejects(isEncrypted(address(another)), /self-signed certificate|unable to verify/);
  await assert.rejects(migrate(address(another)), /self-signed certificate|unable to verify/);
});

test("nor one whose certificate is for another host", async () => {
  const other = await present("elsewhere.example");
  openDatabase({ url: postgres.url });
  await database().query("select pg_reload_conf()");
  await closeDatabase();
  // The reload reaches new connections in a moment.
  for (const deadline = performance.now() + 10_000; ; ) {
    const failure = await isEncrypted(address(other)).then(() => assert.fail("it connected"), String);
    if (/does not match|altnames/.test(failure)) return;
    assert.ok(performance.now() < deadline, failure);
  }
});
