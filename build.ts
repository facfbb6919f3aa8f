import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

/**
 * Builds a workspace for publishing: `npm run build -w @feiqian/sdk` compiles `src` to JavaScript and declarations in `dist`, a package
 * of its own: `npm publish sdk/dist`. Inside this repository the sources are used as they are. `-- --out FOLDER` builds elsewhere.
 */
const root = import.meta.dirname;
const workspace = process.cwd();
const { values: asked } = parseArgs({ options: { out: { type: "string", default: "dist" } } });
const dist = resolve(workspace, asked.out);

const manifest = JSON.parse(readFileSync(join(workspace, "package.json"), "utf8"));
const { scripts: _scripts, devDependencies: _devDependencies, exports, bin, ...published } = manifest;
const ownImports = /(from "\.{1,2}\/[^"]+)\.ts"/g;

rmSync(dist, { recursive: true, force: true });
if (exports) compile();
else stripTypes();

/** A library: JavaScript and declarations. */
function compile(): void {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", workspace, "--outDir", dist], { stdio: "inherit" });
  // The compiler renames imports in JavaScript, and leaves them in declarations.
  for (const file of globSync("**/*.d.ts", { cwd: dist })) rewrite(join(dist, file), join(dist, file));
}

/** A program: nobody needs its types. */
function stripTypes(): void {
  for (const file of globSync("**/*.ts", { cwd: join(workspace, "src") }))
    rewrite(join(workspace, "src", file), join(dist, built(file)), stripTypeScriptTypes);
}

function rewrite(from: string, to: string, change = (text: string) => text): void {
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, change(readFileSync(from, "utf8")).replace(ownImports, '$1.js"'));
}

function built(path: string): string {
  return path.replace(/^(\.\/)?src\//, "./").replace(/\.ts$/, ".js");
}

const entries = Object.entries<string>(exports ?? {}).map(([name, path]) => {
  const file = built(path);
  return [name, { types: file.replace(/\.js$/, ".d.ts"), default: file }];
});
const commands = Object.entries<string>(bin ?? {}).map(([name, path]) => [name, built(path)]);
const manifestOfDist = {
  ...published,
  ...(exports && { exports: Object.fromEntries(entries), sideEffects: false }),
  ...(bin && { bin: Object.fromEntries(commands) }),
};
writeFileSync(join(dist, "package.json"), `${JSON.stringify(manifestOfDist, null, 2)}\n`);
copyFileSync(join(root, "LICENSE"), join(dist, "LICENSE"));
copyFileSync(join(workspace, "README.md"), join(dist, "README.md"));
