import { ConfigurationError, configure, describeConfig } from "#kit/config.ts";
import { log } from "#kit/log.ts";
import { giveBackMemory, keepCompiledCode } from "#kit/memory.ts";
import { migrate } from "#kit/migrate.ts";
import { openPlatform } from "./roles/platform.ts";

const usage = `Feiqian: runs the platform's roles in one process.

  node server/src/main.ts                  start the roles named by ROLES
  node server/src/main.ts --migrate        bring the database up to date first
  node server/src/main.ts --migrate-only   bring the database up to date and end
  node server/src/main.ts --help           show this

Environment:
${describeConfig()}`;

/** How long a stopping process may take to finish what it has. */
const drainWithinMs = 9_000;

async function main(): Promise<void> {
  const flags = process.argv.slice(2);
  const unknown = flags.find((flag) => !["--help", "--migrate", "--migrate-only"].includes(flag));
  if (unknown) throw new ConfigurationError([`${unknown}: there is no such option; see --help`]);
  if (flags.includes("--help")) return console.log(usage);
  const config = configure();
  let stop = (): void => process.exit(1);
  // A parent that started this process and is gone takes it along.
  for (const event of ["SIGTERM", "SIGINT", "disconnect"]) process.on(event, () => stop());
  const migrationUrl = config.migrationDatabaseUrl || config.databaseUrl;
  if (flags.some((flag) => flag.startsWith("--migrate"))) await migrate(migrationUrl, config.databaseUrl);
  if (flags.includes("--migrate-only")) return process.exit();
  const platform = await openPlatform(config);
  stop = stopper(platform.close);
  giveBackMemory();
  keepCompiledCode();
  log.info({ roles: [...config.roles], address: platform.address }, "ready");
  // A parent that started this process learns the port that PORT=0 chose.
  process.send?.({ address: platform.address });
}

/** What stops the process. A second signal changes nothing: a terminal and a parent may both pass on one Ctrl-C. */
function stopper(close: () => Promise<void>): () => void {
  let isStopping = false;
  return () => {
    if (isStopping) return;
    isStopping = true;
    log.info("stopping");
    setTimeout(() => {
      log.error("could not finish in time");
      process.exit(1);
    }, drainWithinMs).unref();
    close().then(
      () => process.exit(0),
      (error) => {
        log.error({ err: error }, "could not stop cleanly");
        process.exit(1);
      },
    );
  };
}

main().catch((error: Error) => {
  if (error instanceof ConfigurationError) console.error(error.message);
  else log.fatal({ err: error }, "could not start");
  process.exit(1);
});
