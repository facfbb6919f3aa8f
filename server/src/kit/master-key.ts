import { execFile } from "node:child_process";
import { type Config, parseMasterKey, readMasterKey } from "./config.ts";

const commandWithinMs = 15_000;

/**
 * The master key, from its file or from the command that asks a key management service for it. The command is run by the shell once;
 * what it prints is never kept or logged, and neither is its own text. `variable`: how the settings are called. Throws when it does not give 32 random bytes in time.
 */
export async function masterKey(
  { masterKeyFile, masterKeyCommand }: Pick<Config, "masterKeyFile" | "masterKeyCommand">,
  variable = "MASTER_KEY",
): Promise<Buffer> {
  if (masterKeyFile) return readMasterKey(masterKeyFile);
  if (!masterKeyCommand) throw new Error(`${variable}_FILE or ${variable}_COMMAND must be set`);
  return parseMasterKey(await outputOf(masterKeyCommand, variable), `the output of ${variable}_COMMAND`);
}

const outputOf = (command: string, variable: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const limits = { timeout: commandWithinMs, killSignal: "SIGKILL", maxBuffer: 4_096 } as const;
    execFile("/bin/sh", ["-c", command], limits, (error, stdout) => {
      // Node's own message quotes the command, which may hold a token.
      if (error) reject(new Error(`${variable}_COMMAND ${endOf(error)}`));
      else resolve(stdout);
    });
  });

function endOf({ code, killed }: { code?: number | string | null | undefined; killed?: boolean | undefined }): string {
  if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return "printed more than a key";
  return killed ? `did not end within ${commandWithinMs} ms` : `ended with code ${String(code)}`;
}
