import { configure, describeConfig } from "#kit/config.ts";
import { openKeyring } from "#kit/crypto.ts";
import { readDataKeys, rotateMasterKey } from "#kit/data-keys.ts";
import { closeDatabase, database, openDatabase } from "#kit/db.ts";
import { masterKey } from "#kit/master-key.ts";
import { pauseResealing, resealingProgress, retireDataKey, rotateKeys } from "#kit/reseal.ts";
// The modules declare where their sealed values lie.
import "./roles/api.ts";

const usage = `Feiqian: the keys that secrets lie sealed under.

  npm run keys -- list            data keys, and how far the sealing anew has come
  npm run keys -- rotate          add a data key; the workers seal everything under it
  npm run keys -- pause           stop the sealing anew where it is
  npm run keys -- resume          let it go on
  npm run keys -- retire ID       remove a data key under which nothing is sealed any more
  npm run keys -- rotate-master   seal the data keys under the master key of NEW_MASTER_KEY_FILE or NEW_MASTER_KEY_COMMAND;
                                  afterwards give it to every process by MASTER_KEY_FILE or MASTER_KEY_COMMAND

Environment:
${describeConfig()}`;

type Command = (argument: string | undefined) => Promise<unknown>;
const commands: Record<string, Command> = {
  async list() {
    const keys = (await readDataKeys(database())).map(({ id, purpose, created_at }) => ({ id, purpose, created_at }));
    console.table(keys);
    console.table(await resealingProgress());
  },
  async rotate() {
    console.log(`${await rotateKeys()} is the newest data key; the workers begin in two minutes`);
  },
  pause: () => pauseResealing(true),
  resume: () => pauseResealing(false),
  async retire(id) {
    if (!id) throw new Error("name the data key to retire; see list");
    await retireDataKey(id);
    console.log(`${id} is gone`);
  },
  async "rotate-master"() {
    const next = await masterKey(
      {
        masterKeyFile: process.env.NEW_MASTER_KEY_FILE ?? "",
        masterKeyCommand: process.env.NEW_MASTER_KEY_COMMAND ?? "",
      },
      "NEW_MASTER_KEY",
    );
    const resealed = await rotateMasterKey(await masterKey(configure()), next);
    console.log(resealed > 0 ? `${resealed} keys lie under the new master key` : "they lie under it already");
  },
};

async function main(): Promise<void> {
  const [name = "", argument] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) return console.log(usage);
  const config = configure();
  openDatabase({ url: config.databaseUrl, connections: 2 });
  try {
    if (name !== "rotate-master") await openKeyring(await masterKey(config));
    await command(argument);
  } finally {
    await closeDatabase();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
