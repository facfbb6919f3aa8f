import { relative } from "node:path";
import type { RuleTester } from "oxlint/plugins-dev";
import { refusal } from "./rooms.ts";

/** What no linter knows about this house: who may import whom, where time comes from, where SQL stands. */

// oxlint publishes the types of rules by its rule tester only.
type Rule = Extract<Parameters<RuleTester["run"]>[1], { create: unknown }>;
type Context = Parameters<Rule["create"]>[0];
type Visitor = Required<ReturnType<Rule["create"]>>;
type Importing = Parameters<
  Visitor["ImportDeclaration" | "ExportNamedDeclaration" | "ExportAllDeclaration" | "ImportExpression"]
>[0];

const pathOf = (context: Context): string => relative(context.cwd, context.filename).replaceAll("\\", "/");

/** Imports go to the rooms that may be imported, by their entrance. */
export const rooms: Rule = {
  create(context) {
    const check = ({ source }: Importing) => {
      if (source?.type !== "Literal" || typeof source.value !== "string") return;
      const message = refusal(pathOf(context), source.value);
      if (message) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

/** `Date.now()`, `Date()` and `new Date()` ask the machine, whom tests can't move. */
export const clock: Rule = {
  create(context) {
    const message = "Time comes from #kit/clock.ts, which tests can move.";
    return {
      NewExpression(node) {
        if (isNamed(node.callee, "Date") && node.arguments.length === 0) context.report({ node, message });
      },
      CallExpression(node) {
        const { callee } = node;
        const asksTime =
          callee.type === "MemberExpression" && isNamed(callee.object, "Date") && isNamed(callee.property, "now");
        if (asksTime || isNamed(callee, "Date")) context.report({ node, message });
      },
    };
  },
};

/** A module's statements can be found in one file, or in a few where it has many: `sql.ts`, `accounts-sql.ts`. */
export const sqlInItsFile: Rule = {
  create(context) {
    if (/[/-]sql\.ts$/.test(pathOf(context))) return {};
    return {
      ImportDeclaration(node) {
        if (node.source.value !== "#kit/db.ts") return;
        for (const name of node.specifiers) {
          if (name.type !== "ImportSpecifier" || !isNamed(name.imported, "sql")) continue;
          context.report({ node: name, message: "A module's statements stand in its sql.ts." });
        }
      },
    };
  },
};

export default { meta: { name: "house" }, rules: { rooms, clock, "sql-in-its-file": sqlInItsFile } };

const isNamed = (node: { type: string; name?: unknown }, name: string): boolean =>
  node.type === "Identifier" && node.name === name;
