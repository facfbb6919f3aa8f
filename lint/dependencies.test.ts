import assert from "node:assert/strict";
import { test } from "node:test";
import { auditFindings, lockProblems, manifestProblems } from "./dependencies.ts";

const good = { version: "1.0.0", integrity: "sha512-x", license: "MIT" };
const problemsOf = (locked: object, { installed = true } = {}): string[] =>
  lockProblems({ "": {}, "node_modules/a": { ...good, ...locked } }, new Set(["allowed"]), () => installed);

test("a version is exact, or named", () => {
  assert.deepEqual(manifestProblems("package.json", { dependencies: { a: "1.2.3", b: "1.2.3-beta.4" } }), []);
  for (const version of ["^1.2.3", "~1.2.3", "*", "latest", "1.x", ">=1.2.3", "github:a/b", "file:../a"])
    assert.match(
      manifestProblems("package.json", { optionalDependencies: { a: version } })[0] ?? "",
      /not in one exact/,
    );
});

test("what is locked has a checksum, no address, a licence to pass it on, and its scripts are allowed by name", () => {
  assert.deepEqual(problemsOf({}), []);
  assert.match(problemsOf({ resolved: "https://registry.example/a.tgz" })[0] ?? "", /names where/);
  assert.match(problemsOf({ integrity: undefined })[0] ?? "", /no checksum/);
  assert.match(problemsOf({ hasInstallScript: true })[0] ?? "", /runs a script/);
  for (const license of ["GPL-3.0", "MIT AND GPL-3.0", "SEE LICENSE IN x", undefined])
    assert.match(problemsOf({ license })[0] ?? "", /its licence is/, String(license));
  for (const license of ["(MIT OR GPL-3.0)", "MIT AND OFL-1.1", "MIT or MPL-2.0"])
    assert.deepEqual(problemsOf({ license }), []);
  assert.deepEqual(problemsOf({ integrity: undefined, license: undefined }, { installed: false }), []);
});

test("high and critical vulnerabilities are findings, lesser ones are not; no answer is not a clean bill", () => {
  const found = (severity: string) => ({ name: "a", severity, range: "<1.0.1" });
  const report = { vulnerabilities: { a: found("critical"), b: found("moderate"), c: found("high") } };
  const { asked, problems } = auditFindings(JSON.stringify(report));
  assert.deepEqual([asked, problems.length], [true, 2]);
  assert.deepEqual(auditFindings('{"vulnerabilities":{}}'), { asked: true, problems: [] });
  for (const nothing of ["", "not json", '{"error":{"code":"E405"}}'])
    assert.deepEqual(auditFindings(nothing), { asked: false, problems: [] });
});
