import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { elapsed } from "./clock.ts";
import { armFaultPoints, disarmFaultPoints, faultPoint, InjectedFault, parseFaultPoints } from "./fault-points.ts";

afterEach(disarmFaultPoints);

const hits = (name: string, times: number): string[] =>
  Array.from({ length: times }, () => {
    try {
      return faultPoint(name) ? "waits" : "-";
    } catch (error) {
      return error instanceof InjectedFault ? "fails" : "?";
    }
  });

test("a point that is not armed is passed", () => {
  assert.deepEqual(hits("test.here", 2), ["-", "-"]);
  armFaultPoints("test.elsewhere=error");
  assert.deepEqual(hits("test.here", 2), ["-", "-"]);
});

test("an armed point strikes once, or as often as said, after as many passes as said", () => {
  armFaultPoints("test.once=error,test.thrice=error*3, test.later=error+2*2");
  assert.deepEqual(hits("test.once", 3), ["fails", "-", "-"]);
  assert.deepEqual(hits("test.thrice", 4), ["fails", "fails", "fails", "-"]);
  assert.deepEqual(hits("test.later", 5), ["-", "-", "fails", "fails", "-"]);
});

test("a delay holds for its time", async () => {
  armFaultPoints("test.slow=delay:30");
  const started = elapsed();
  await faultPoint("test.slow");
  assert.ok(elapsed() - started >= 29);
});

test("what is not understood is refused with the part that is wrong", () => {
  for (const wrong of ["test", "test=", "test=explode", "test=error*", "a b=error", "test=delay:soon"])
    assert.throws(() => parseFaultPoints(`test.fine=kill,${wrong}`), new RegExp(wrong.replace(/[*]/g, "\\*")));
  assert.deepEqual(parseFaultPoints(""), []);
});

test("disarmed means passed again", () => {
  armFaultPoints("test.here=error*9");
  disarmFaultPoints();
  assert.deepEqual(hits("test.here", 1), ["-"]);
});
