import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

/** Compiles a function for objects of one shape, lets the objects go, and tells whether ten collections leave the code there. */
const outlives = (before: string): boolean => {
  const program = `
    import { keepCompiledCode } from ${JSON.stringify(new URL("./memory.ts", import.meta.url))};
    ${before}
    const pay = (amount) => { const payment = {}; payment.amount = amount; payment.fee = 1; return payment; };
    const net = (payment) => payment.amount - payment.fee;
    const isOptimized = () => (%GetOptimizationStatus(net) & 16) !== 0;
    %PrepareFunctionForOptimization(net);
    for (let amount = 0; amount < 100; amount++) net(pay(amount));
    %OptimizeFunctionOnNextCall(net);
    net(pay(100));
    const atFirst = isOptimized();
    for (let n = 0; n < 10; n++) {
      await new Promise((resolve) => setImmediate(resolve));
      gc();
    }
    console.log(atFirst, isOptimized());`;
  const flags = ["--allow-natives-syntax", "--expose-gc", "--input-type=module", "--eval", program];
  const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: "utf8" });
  const [, atFirst, after] = /^(\w+) (\w+)$/m.exec(stdout) ?? [];
  assert.equal(atFirst, "true", `${stdout}${stderr}`);
  return after === "true";
};

test("compiled code outlives the objects that it was compiled for, which V8 alone does not grant", () => {
  assert.equal(outlives(""), false);
  assert.equal(outlives("keepCompiledCode();"), true);
});
