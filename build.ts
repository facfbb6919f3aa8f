import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

/**
 * Builds a workspace for publishing: `npm run build -w @feiqian/sdk` compiles `src` to JavaScript and declarations in `dist`, a package
 * of its own: `npm publish sdk/dist`. Inside this repository the sources are used as they are. `-- --out FOLDER` builds elsewhere.
 */
const root = import.meta.dirname;
const workspace = process.cwd();
const { values: asked } = parseArgs({ options: { out: { type: "string", default: "dist" } } });
const dist = resolve(workspace, asked.out);

rmSync(dist, { recursive: true, force: true });
const tsc = join(root, "node_modules/typescript/bin/tsc");
execFileSync(process.execPath, [tsc, "-p", workspace, "--outDir", dist], { stdio: "inherit" });
for (const file of globSync("**/*.d.ts", { cwd: dist })) {
  // The compiler renames imports in JavaScript, and leaves them in declarations.
  const text = readFileSync(join(dist, file), "utf8").replace(/(from "\.{1,2}\/[^"]+)\.ts"/g, '$1.js"');
  writeFileSync(join(dist, file), text);
}

const built = (path: string): string => path.replace(/^(\.\/)?src\//, "./").replace(/\.ts$/, ".js");
const manifest = JSON.parse(readFileSync(join(workspace, "package.json"), "utf8"));
const { scripts: _scripts, devDependencies: _devDependencies, exports, bin, ...published } = manifest;
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
