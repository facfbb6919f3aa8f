import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { ok, useServer } from "#test/people.ts";

const { aUser, aStaff } = useServer();

/** Everything that is in the database, as text. */
async function dump(): Promise<string> {
  const { rows: tables } = await database().query(
    "select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await database().query(`select t::text as text from ${name} t`);
    texts.push(...rows.map(({ text }) => text));
  }
  return texts.join("\n");
}

test("a stolen dump shows no phone, email, name, password, PIN, code or token, and no hash to guess at", async () => {
  const email = "Secret.Person@mail.example.com";
  const user = await aUser({ email, name: "欧阳不可见" });
  const pin = "739164";
  ok(await user.ask("PUT", "/v1/users/me/payment_pin", { pin, password: user.password }));
  const signedIn = await user.signIn({ name: "不可见的手机" });
  const refreshed = ok(await user.ask("POST", "/v1/sessions/refresh", { refresh_token: signedIn.refresh_token }));
  const staff = await aStaff();
  ok(await staff.signIn());

  const text = await dump();
  assert.ok(text.includes(user.id), "the dump is a dump");
  const secrets = {
    phone: user.phone,
    "phone without its country": user.phone.slice(3),
    email,
    "email in lower case": email.toLowerCase(),
    "local part": "ecret.perso",
    name: "欧阳不可见",
    "family name": "欧阳",
    password: user.password,
    pin,
    "device's name": "不可见的手机",
    "access token": user.token,
    "refresh token": signedIn.refresh_token.slice(-64),
    "next refresh token": refreshed.refresh_token.slice(-64),
    "staff's email": staff.email,
    "staff's password": staff.password,
    "staff's TOTP secret": staff.totpSecret,
    "a hash": "argon2",
    "a private key": '"d"',
  };
  for (const [what, secret] of Object.entries(secrets)) {
    assert.ok(!text.includes(secret), `${what} stands in the dump`);
    const hex = Buffer.from(secret).toString("hex");
    assert.ok(!text.includes(hex), `${what} stands in the dump as bytes`);
  }
});

test("what is sealed in one row does not open in another", async () => {
  const [ann, bo] = [await aUser({ name: "Ann" }), await aUser({ name: "Bo" })];
  await database().query("update users set sealed_name = (select sealed_name from users where id = $1) where id = $2", [
    ann.id,
    bo.id,
  ]);
  assert.equal((await bo.ask("GET", "/v1/users/me")).status, 500);
  assert.equal((await ann.ask("GET", "/v1/users/me")).status, 200);
});
