import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { aPayer, aShop, ok } from "@feiqian/server/test/factories.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";
import { useFeiqian } from "./feiqian.ts";

/** The command with a merchant's key that takes signed requests only. */
const platform = usePlatform();
const { run, start, folder } = useFeiqian();

type Algorithm = "hmac-sha256" | "ed25519";

let homes = 0;
/** A key that is refused without signatures, and what signs: a secret, or the file of a private key. */
async function aSigningKey(alg: Algorithm) {
  const shop = await aShop(platform);
  const home = join(folder, `home-${homes++}`);
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const file = `${home}.pem`;
  writeFileSync(file, privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
  const signature_key = alg === "ed25519" ? { alg, public_key: publicKey.export({ format: "jwk" }).x } : { alg };
  const body = { name: "Signer", require_signature: true, signature_key };
  const key = await ok(platform.call("POST", "/v1/api_keys", { token: shop.key, body }));
  const { keyid, secret } = key.signature_key;
  return {
    apiKey: key.secret as string,
    keyid: keyid as string,
    secret: secret as string,
    file,
    home: { FEIQIAN_CONFIG_HOME: home },
    profile: join(home, "profile.json"),
    login: ["login", "--base-url", platform.url, "--signing-key-id", String(keyid)],
  };
}

/** Pays, reads, captures and refunds; gives all that was printed. */
async function trade(env: NodeJS.ProcessEnv): Promise<string> {
  const payer = await aPayer(platform);
  const printed: string[] = [];
  const done = async (...words: string[]) => {
    const { code, out, err } = await run(words, env);
    assert.equal(code, 0, `${words.join(" ")}: ${err}`);
    printed.push(out, err);
    return out;
  };
  const code = await payer.code();
  const paid = JSON.parse(await done("pay", "12.50", "--code", code, "--subject", "早餐 ☕", "--json"));
  assert.equal(paid.status, "succeeded");
  assert.match(await done("payments", "get", paid.id), /^Amount +12\.50 CNY$/m);
  assert.match(await done("payments", "list", "--status", "succeeded", "--limit", "3"), new RegExp(paid.id));
  assert.equal(JSON.parse(await done("refund", paid.id, "--amount", "2.50", "--json")).amount, 250);
  const held = JSON.parse(await done("pay", "20", "--demo", "--hold", "--json"));
  assert.match(await done("payments", "capture", held.id, "--amount", "6"), /^Captured +6\.00 CNY$/m);
  return printed.join("");
}

for (const alg of ["hmac-sha256", "ed25519"] as const)
  test(`a key that requires signatures by ${alg} logs in, pays, reads, captures and refunds`, async () => {
    const { apiKey, secret, file, keyid, home, profile, login } = await aSigningKey(alg);
    const more = alg === "ed25519" ? ["--signing-key-file", file] : [];
    const input = alg === "ed25519" ? `${apiKey}\n` : `${apiKey}\n${secret}\n`;
    const entered = await run([...login, ...more], { ...home, input });
    assert.equal(entered.code, 0, entered.err);
    assert.match(entered.out, new RegExp(`^Signs with +${keyid}$`, "m"));
    assert.equal(statSync(profile).mode & 0o777, 0o600);
    const kept = alg === "ed25519" ? { key_id: keyid, key_file: file } : { key_id: keyid, secret };
    assert.deepEqual(JSON.parse(readFileSync(profile, "utf8")).signing_key, kept);
    const printed = entered.out + entered.err + (await trade(home));
    assert.doesNotMatch(printed, /sgk_|sk_test_|PRIVATE KEY/);
  });

test("the environment brings a signing key too: an id, and a secret or a file", async () => {
  for (const alg of ["hmac-sha256", "ed25519"] as const) {
    const { apiKey, secret, file, keyid, home } = await aSigningKey(alg);
    const env = { ...home, FEIQIAN_BASE_URL: platform.url, FEIQIAN_API_KEY: apiKey, FEIQIAN_SIGNING_KEY_ID: keyid };
    const brought = alg === "ed25519" ? { FEIQIAN_SIGNING_KEY_FILE: file } : { FEIQIAN_SIGNING_SECRET: secret };
    assert.equal((await run(["payments", "list"], { ...env, ...brought })).code, 0);
    const wrong = [{}, { FEIQIAN_SIGNING_KEY_FILE: file, FEIQIAN_SIGNING_SECRET: "sgk_test_x" }];
    for (const half of wrong) {
      const { code, err } = await run(["payments", "list"], { ...env, ...half });
      assert.deepEqual([code, err.includes("Set FEIQIAN_SIGNING_KEY_ID, and one of")], [2, true], err);
    }
  }
});

test("without a signing key the refusal says in either language how to set one, and nothing is saved", async () => {
  const { apiKey, home } = await aSigningKey("hmac-sha256");
  const env = { ...home, FEIQIAN_BASE_URL: platform.url, FEIQIAN_API_KEY: apiKey };
  const en = await run(["payments", "list"], env);
  assert.deepEqual([en.code, en.out], [3, ""]);
  assert.match(en.err, /^Error: .+\n {2}signature_missing · request req_\w+\n.*feiqian login --signing-key-id key_…/);
  const zh = await run(["pay", "1", "--lang", "zh"], env);
  assert.match(zh.err, /^错误：.+\n {2}signature_missing · 请求 req_\w+\n尚未设置签名密钥.*--signing-key-id/);
  const program = await run(["payments", "list", "--json"], env);
  assert.equal(JSON.parse(program.err).error.code, "signature_missing");
  const login = await run(["login", "--base-url", platform.url], { ...home, input: `${apiKey}\n` });
  assert.deepEqual([login.code, login.err.includes("--signing-key-id")], [3, true]);
  assert.match((await run(["payments", "list"], home)).err, /Not logged in/);
});

test("a login's signing key signs for that login's key alone", async () => {
  const { apiKey, secret, home, login } = await aSigningKey("hmac-sha256");
  assert.equal((await run(login, { ...home, input: `${apiKey}\n${secret}\n` })).code, 0);
  const other = await aShop(platform);
  const plain = await run(["payments", "list"], { ...home, FEIQIAN_API_KEY: other.key });
  assert.equal(plain.code, 0, plain.err);
  const strict = await aSigningKey("hmac-sha256");
  const refused = await run(["payments", "list"], { ...home, FEIQIAN_API_KEY: strict.apiKey });
  assert.match(refused.err, /signature_missing/);
});

test("a signing key that can't be one is refused before anything is sent, and never shown", async () => {
  const { apiKey, file, home, profile, login } = await aSigningKey("ed25519");
  const withFile = (path: string) => run([...login, "--signing-key-file", path], { ...home, input: `${apiKey}\n` });
  const noKey = `${file}.txt`;
  writeFileSync(noKey, "sgk_test_tellNobody", { mode: 0o600 });
  const rsa = `${file}.rsa`;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(rsa, privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
  for (const path of [noKey, rsa]) assert.match((await withFile(path)).err, /no Ed25519 private key in PEM/);
  assert.match((await withFile(`${file}.none`)).err, /can't be read: ENOENT/);
  chmodSync(file, 0o640);
  assert.match((await withFile(file)).err, /Others can read the private key .*: chmod 600/);
  chmodSync(file, 0o600);
  const secretWrong = await run(login, { ...home, input: `${apiKey}\ntellNobody\n` });
  assert.match(secretWrong.err, /begins with sgk_test_ or sgk_live_/);
  const usage = [
    [...login.slice(0, 3), "--signing-key-file", file],
    [...login, "--local"],
    [...login.slice(0, 4), 'key_"; x'],
  ];
  const ended = [secretWrong, ...(await Promise.all(usage.map((words) => run(words, { ...home, input: "\n\n" }))))];
  for (const { code, out, err } of ended) {
    assert.deepEqual([code, out], [2, ""], err);
    assert.doesNotMatch(err, /tellNobody/);
  }
  const stranger = await run([...login.slice(0, 4), "key_other", "--signing-key-file", file], {
    ...home,
    input: `${apiKey}\n`,
  });
  assert.deepEqual([stranger.code, /signature_invalid · signature's keyid/.test(stranger.err)], [3, true]);
  assert.throws(() => statSync(profile), /ENOENT/);
});

test("a profile that is broken is named without a word of what it holds", async () => {
  const { apiKey, secret, home, profile, login } = await aSigningKey("hmac-sha256");
  assert.equal((await run(login, { ...home, input: `${apiKey}\n${secret}\n` })).code, 0);
  writeFileSync(profile, readFileSync(profile, "utf8").replace(`"${secret}"`, secret));
  const { code, err } = await run(["payments", "list"], home);
  assert.deepEqual([code, err.includes(profile)], [2, true]);
  assert.doesNotMatch(err, /sgk_|sk_test_/);
});

test("listen signs its stream", async (t) => {
  const { apiKey, secret, keyid } = await aSigningKey("hmac-sha256");
  const child = start(["listen"], {
    FEIQIAN_BASE_URL: platform.url,
    FEIQIAN_API_KEY: apiKey,
    FEIQIAN_SIGNING_KEY_ID: keyid,
    FEIQIAN_SIGNING_SECRET: secret,
  });
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "exit");
  const { value } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  assert.match(value ?? "", /^Listening/);
  child.kill("SIGINT");
  assert.equal((await ended)[0], 130);
});
