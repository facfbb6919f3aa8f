import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { describeRound, describeViolations } from "./report.ts";
import { playRound } from "./round.ts";
import { noDamage } from "./trouble.ts";

/** `npm run torture -- --minutes N [--seed S]`: rounds of two minutes, each on a world of its own and with the next seed, until one fails. */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seconds: { type: "string", default: "120" },
    seed: { type: "string" },
    actors: { type: "string", default: "12" },
  },
});
const seconds = Number(values.seconds);
const rounds = Math.max(1, Math.round((Number(values.minutes) * 60) / seconds));
const first = Number(values.seed ?? randomInt(1_000_000_000));
if (![seconds, rounds, first, Number(values.actors)].every((number) => Number.isFinite(number) && number >= 0)) {
  throw new Error("usage: npm run torture -- [--minutes N] [--seed S] [--seconds OF_A_ROUND] [--actors N]");
}

const damage = noDamage();
for (let n = 0; n < rounds; n++) {
  const seed = String(first + n);
  console.log(`\nround ${n + 1} of ${rounds}: ${seconds} s, seed ${seed}`);
  const failed = await playRound({ seed, seconds, actors: Number(values.actors), damage }, async (round) => {
    console.log(describeRound(round));
    if (round.violations.length > 0) console.log(`\nseed ${seed}\n\n${await describeViolations(round)}`);
    return round.violations.length > 0;
  });
  if (failed) process.exit(1);
}
console.log("\nnothing was broken");
