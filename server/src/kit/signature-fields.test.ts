import assert from "node:assert/strict";
import { test } from "node:test";
import { namesOf, parametersOf, readContentDigest, readSignature, readSignatureInput } from "./signature-fields.ts";

test("dictionaries are read by the rules, whoever else has signed", () => {
  const inputs = readSignatureInput(
    'a=("x";req  "y"  );p=?1;q=tok/en;r=:AA==:;s=-1.5 ,\tsig1=("@method");created=1, e=()',
  );
  assert.deepEqual([...(inputs?.keys() ?? [])], ["a", "sig1", "e"]);
  const ours = inputs?.get("sig1");
  assert.ok(ours);
  assert.equal(ours.text, '("@method");created=1');
  assert.deepEqual([namesOf(ours), parametersOf(ours)], [["@method"], new Map([["created", 1]])]);
  assert.deepEqual(
    readSignature("a=:AA==:;x , b=::"),
    new Map([
      ["a", "AA=="],
      ["b", ""],
    ]),
  );
  assert.deepEqual(
    readContentDigest("sha-256=:AA==:,\tsha-512=:BB==: "),
    new Map([
      ["sha-256", "AA=="],
      ["sha-512", "BB=="],
    ]),
  );
});

test("what is not written by the rules, or names something twice, is nothing", () => {
  for (const field of [
    "",
    "sig1",
    "sig1=",
    "sig1=()x",
    "sig1=(),",
    ",sig1=()",
    "sig1=();;",
    "sig1=() sig2=()",
    "Sig1=()",
    "sig1=('x')",
    'sig1=("x)',
    'sig1=("x" "y)',
    'sig1=("x""y")',
    "a=(),a=()",
    "sig1=(x)",
    'sig1=("é")',
  ])
    assert.equal(readSignatureInput(field), undefined, field);
  for (const field of ["", "a=AA==", "a=:A A:", "a=:AA==", "a=::,a=::", "a=:AA===:", 'a="AA"'])
    assert.equal(readSignature(field), undefined, field);
  for (const field of [
    "",
    "sha-256=AA",
    "sha-256=:AA==:,",
    "sha-256=::",
    "sha-256=:AA==:, sha-256=:BB==:",
    "SHA-256=:AA==:",
  ])
    assert.equal(readContentDigest(field), undefined, field);
  for (const list of ['("a"  "b")', '("a";req)', '( "a")', "()"]) {
    const input = readSignatureInput(`x=${list}`)?.get("x");
    assert.ok(input && namesOf(input) === undefined, list);
  }
});

test("no field takes longer than its length, however it is made", () => {
  const n = 300_000;
  const [blanks, list] = [" ".repeat(n), '"a" '.repeat(n)];
  const hostile = [
    `a=(${blanks}`,
    `a=(${list}`,
    `a=("x"${blanks}x`,
    `a=(${'"x"   '.repeat(n / 6)}x`,
    `a=();${blanks}`,
    `a=()${";a".repeat(n)}!`,
    `a=()${";a=1234567890".repeat(n / 10)}!`,
    `a=();b=${"x".repeat(n)}"`,
    `a=("${"\\\\".repeat(n)}`,
    `a=("${"x".repeat(n)}`,
    `a=()${blanks}x`,
    "a".repeat(n),
    "a=(),".repeat(n),
    `a=:${"A".repeat(n)}`,
    `a=:AA==:${blanks}b`,
    blanks,
  ];
  const started = performance.now();
  for (const field of hostile)
    for (const read of [readSignatureInput, readSignature, readContentDigest]) assert.equal(read(field), undefined);
  // Milliseconds each; what grows with the square of the length would take minutes.
  assert.ok(performance.now() - started < 20_000);
});
