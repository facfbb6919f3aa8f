import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CommitUnknown } from "./db.ts";
import { ApiError } from "./errors.ts";
import { GroupCommit, type GroupCommitOptions } from "./group-commit.ts";

interface Command {
  id: number;
  /** Makes every batch that holds it fail. */
  poison?: boolean;
  /** Is refused by its own answer. */
  refused?: boolean;
  lane?: number;
}

const group = (
  options: Partial<GroupCommitOptions<Command, string>> & Pick<GroupCommitOptions<Command, string>, "commit">,
) => new GroupCommit<Command, string>({ name: "test", ...options });

const numbered = (count: number): Command[] => Array.from({ length: count }, (_, id) => ({ id }));
const answerOf = ({ id, refused }: Command) => (refused ? new Error(`refused ${id}`) : `done ${id}`);
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const codeOf = (error: unknown) => (error instanceof ApiError ? error.code : String(error));
/** A commit that holds every batch until it is let go. */
function held() {
  const batches: { commands: readonly Command[]; attempt: number; finish: () => void; fail: (error: Error) => void }[] =
    [];
  const commit = (commands: readonly Command[], attempt: number) =>
    new Promise<(string | Error)[]>((resolve, reject) => {
      batches.push({ commands, attempt, finish: () => resolve(commands.map(answerOf)), fail: reject });
    });
  return { batches, commit };
}

test("every command gets exactly one answer and its own; a poisoned or refused one never hurts its neighbours", async () => {
  const scenario = fc.record({
    commands: fc.array(
      fc.record({
        poison: fc.boolean(),
        refused: fc.boolean(),
        lane: fc.nat({ max: 20 }),
        turns: fc.nat({ max: 3 }),
      }),
      { maxLength: 60 },
    ),
    lanes: fc.integer({ min: 1, max: 4 }),
    maxBatch: fc.integer({ min: 1, max: 20 }),
    pinned: fc.boolean(),
    poisonRarity: fc.integer({ min: 1, max: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ commands, lanes, maxBatch, pinned, poisonRarity }) => {
      const committed = new Map<number, number>();
      let inFlight = 0;
      const commits = group({
        lanes,
        maxBatch,
        ...(pinned && { laneOf: ({ lane }: Command) => lane as number }),
        commit: async (batch) => {
          assert.ok(batch.length <= maxBatch && batch.length > 0);
          assert.ok(++inFlight <= lanes);
          await turn();
          inFlight--;
          if (batch.some(({ poison }) => poison)) throw new Error("poisoned");
          for (const { id } of batch) committed.set(id, (committed.get(id) ?? 0) + 1);
          return batch.map(answerOf);
        },
      });
      const answers: Promise<string>[] = [];
      const given = commands.map((command, id) => ({
        ...command,
        id,
        poison: command.poison && id % poisonRarity === 0,
      }));
      for (const command of given) {
        for (let i = 0; i < command.turns; i++) await turn();
        const answer = commits.submit(command);
        answer.catch(() => {});
        answers.push(answer);
      }
      const settled = await Promise.allSettled(answers);
      settled.forEach((answer, id) => {
        const { poison, refused } = given[id] as Command;
        const said = answer.status === "fulfilled" ? answer.value : (answer.reason as Error).message;
        assert.equal(said, poison ? "poisoned" : refused ? `refused ${id}` : `done ${id}`);
        assert.equal(committed.get(id) ?? 0, poison ? 0 : 1);
      });
      assert.equal(commits.waiting, 0);
    }),
    { numRuns: 150 },
  );
});

test("while a batch is being committed the next one fills, and nobody waits on a timer", async () => {
  const { batches, commit } = held();
  const commits = group({ commit });
  const first = commits.submit({ id: 0 });
  await turn();
  assert.equal(batches.length, 1);
  const rest = numbered(40).map((command) => commits.submit(command));
  await turn();
  assert.equal(batches.length, 1);
  batches[0]?.finish();
  await first;
  await turn();
  assert.deepEqual(batches[1]?.commands, numbered(40));
  batches[1]?.finish();
  assert.equal((await Promise.all(rest)).length, 40);
});

test("commands of one turn of the event loop share the first batch", async () => {
  const { batches, commit } = held();
  const commits = group({ commit });
  const answers = numbered(5).map((command) => commits.submit(command));
  await turn();
  assert.equal(batches[0]?.commands.length, 5);
  batches[0]?.finish();
  await Promise.all(answers);
});

test("a lane never has two batches in flight, and a pinned command stays in its lane, in order", async () => {
  const { batches, commit } = held();
  const commits = group({ commit, lanes: 2, maxBatch: 2, laneOf: ({ lane }) => lane as number });
  const answers = [0, 3, 1, 5, 2, 4].map((lane, id) => commits.submit({ id, lane }));
  await turn();
  assert.deepEqual(
    batches.map(({ commands }) => commands.map(({ lane }) => lane)),
    [
      [0, 2],
      [3, 1],
    ],
  );
  for (let done = 0; done < batches.length; done++) {
    batches[done]?.finish();
    await turn();
  }
  await Promise.all(answers);
  assert.deepEqual(
    batches.slice(2).map(({ commands }) => commands.map(({ lane }) => lane)),
    [[4], [5]],
  );
});

test("an unpinned command goes to a lane that is free, else to the shortest queue", async () => {
  const { batches, commit } = held();
  const commits = group({ commit, lanes: 2 });
  const answers = [commits.submit({ id: 0 })];
  await turn();
  answers.push(commits.submit({ id: 1 }));
  await turn();
  assert.deepEqual(
    batches.map(({ commands }) => commands[0]?.id),
    [0, 1],
  );
  answers.push(...[2, 3, 4, 5].map((id) => commits.submit({ id })));
  for (let done = 0; done < batches.length; done++) {
    batches[done]?.finish();
    await turn();
  }
  await Promise.all(answers);
  assert.deepEqual(
    batches.slice(2).map(({ commands }) => commands.map(({ id }) => id)),
    [
      [2, 4],
      [3, 5],
    ],
  );
});

test("over the bound of the queue a command is told overloaded, with when to come again; the others are served", async () => {
  const { batches, commit } = held();
  const commits = group({ commit, maxQueue: 10, maxBatch: 4 });
  const running = commits.submit({ id: 0 });
  await turn();
  const taken = numbered(10).map((command) => commits.submit(command));
  const refused = await commits.submit({ id: 99 }).catch((error) => error);
  assert.ok(refused instanceof ApiError);
  assert.deepEqual([refused.code, refused.status, refused.retryAfter], ["overloaded", 503, 1]);
  assert.equal(commits.waiting, 10);
  batches[0]?.finish();
  await running;
  await turn();
  const next = commits.submit({ id: 100 });
  for (let done = 1; done < batches.length; done++) {
    batches[done]?.finish();
    await turn();
  }
  assert.equal((await Promise.all([...taken, next])).length, 11);
});

test("draining takes no more, finishes what it has, and says when", async () => {
  const { batches, commit } = held();
  const commits = group({ commit });
  const first = commits.submit({ id: 0 });
  await turn();
  const second = commits.submit({ id: 1 });
  let drained = false;
  const draining = commits.drain().then(() => {
    drained = true;
  });
  assert.equal(await commits.submit({ id: 2 }).catch(codeOf), "shutting_down");
  await turn();
  assert.equal(drained, false);
  batches[0]?.finish();
  await first;
  await turn();
  assert.equal(drained, false);
  batches[1]?.finish();
  assert.deepEqual(await Promise.all([first, second]), ["done 0", "done 1"]);
  await draining;
  await commits.drain();
});

test("an idle group is drained at once, also right after a command came in", async () => {
  await group({ commit: async () => [] }).drain();
  const commits = group({ commit: async (commands) => commands.map(answerOf) });
  const answer = commits.submit({ id: 0 });
  await commits.drain();
  assert.equal(await answer, "done 0");
});

test("after a lost connection or an unknown commit the same commands are given again, told that they may have happened", async () => {
  const given: [number, number][] = [];
  const failures = [new CommitUnknown("lost"), Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })];
  const commits = group({
    commit: async (commands, attempt) => {
      given.push([commands.length, attempt]);
      const failure = failures.shift();
      if (failure) throw failure;
      return commands.map(answerOf);
    },
  });
  const answers = await Promise.all(numbered(3).map((command) => commits.submit(command)));
  assert.deepEqual(answers, ["done 0", "done 1", "done 2"]);
  assert.deepEqual(given, [
    [3, 1],
    [3, 2],
    [3, 3],
  ]);
});

test("an outage that lasts is told to each command after a few tries, not split into halves", {
  timeout: 10_000,
}, async () => {
  const attempts: [number, number][] = [];
  const commits = group({
    commit: async (commands, attempt) => {
      attempts.push([commands.length, attempt]);
      throw new CommitUnknown("lost");
    },
  });
  const settled = await Promise.allSettled(numbered(4).map((command) => commits.submit(command)));
  assert.ok(settled.every((answer) => answer.status === "rejected" && answer.reason instanceof CommitUnknown));
  assert.deepEqual(
    attempts,
    [1, 2, 3, 4, 5, 6].map((attempt) => [4, attempt]),
  );
});

test("halves of a batch that failed are told that they were given before", async () => {
  const attempts: [number, number][] = [];
  const commits = group({
    commit: async (commands, attempt) => {
      attempts.push([commands.length, attempt]);
      if (commands.some(({ poison }) => poison)) throw new Error("poisoned");
      return commands.map(answerOf);
    },
  });
  const settled = await Promise.allSettled(
    [{ id: 0 }, { id: 1, poison: true }].map((command) => commits.submit(command)),
  );
  assert.deepEqual(
    settled.map(({ status }) => status),
    ["fulfilled", "rejected"],
  );
  assert.deepEqual(attempts, [
    [2, 1],
    [1, 2],
    [1, 2],
  ]);
});

test("a command that commit forgets to answer is told so, and is not committed again", async () => {
  let commits = 0;
  const forgetful = group({
    commit: async ([first]) => {
      commits++;
      return [answerOf(first as Command)];
    },
  });
  const settled = await Promise.allSettled(numbered(2).map((command) => forgetful.submit(command)));
  assert.equal(settled[0]?.status, "fulfilled");
  assert.match(String((settled[1] as PromiseRejectedResult).reason), /gave no answer/);
  assert.equal(commits, 1);
});
