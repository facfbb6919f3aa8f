import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Demo, makeDemo } from "./demo-process.ts";
import { type Home, hasData, makeMasterKey, placeForPostgres, writePrivately } from "./home.ts";
import { freePort, isPortFree, nextFreePort } from "./ports.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { column, type Progress } from "./progress.ts";
import { lastWords, type ServerProcess, startServer, statusOf, whenReady } from "./server-process.ts";
import type { Texts } from "./texts.ts";

/** What stops a start, in words for the one who started it. */
export class StartError extends Error {
  override name = "StartError";
}

const usualPort = 8080;
const readyWithinMs = 60_000;
/** What ends more often than this within a minute is given up. */
const mostRestartsAMinute = 5;

/** Everything that `npm start` runs: PostgreSQL, the platform's server and, on the first start, the demo data. */
export class Launcher {
  readonly #home: Home;
  readonly #texts: Texts;
  readonly #progress: Progress;
  #postgres: Promise<Postgres> | undefined;
  #server: ServerProcess | undefined;
  #demo: Demo | undefined;
  #mending: Promise<void> | undefined;
  #stopping = false;
  readonly #restarts: number[] = [];

  constructor(home: Home, texts: Texts, progress: Progress) {
    this.#home = home;
    this.#texts = texts;
    this.#progress = progress;
  }

  /** Starts everything and keeps it running until `stop`. Throws {@link StartError} when something can't be started or kept. */
  async run(): Promise<void> {
    const port = await this.#choosePort();
    if (!existsSync(this.#home.masterKey) && !ownDatabase() && hasData(this.#home))
      throw new StartError(this.#texts.keyLost(this.#home.masterKey));
    makeMasterKey(this.#home);
    const env = { ...process.env, ...this.#settings(port), ...(await this.#openDatabase()) };
    const { server: title, serverState } = this.#texts;
    const url = await this.#progress.step(title, () => this.#startServer(env), serverState);
    const isKnown = await this.#renewCredentials(url);
    const payment = isKnown ? undefined : await this.#makeDemo(env, url);
    this.#welcome(url, payment);
    await Promise.all([this.#keepServer(env), this.#keepPostgres()]);
  }

  /** Stops the server, which finishes what it has, then PostgreSQL. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#demo?.process.kill();
    await this.#server?.stop();
    const postgres = await this.#postgres?.catch(() => undefined);
    await postgres?.stop();
  }

  async #choosePort(): Promise<number> {
    const asked = process.env.PORT?.trim();
    const host = process.env.HOST?.trim() || undefined;
    if (!asked) return nextFreePort(usualPort, host);
    const port = Number(asked);
    if (!/^\d+$/.test(asked) || port > 65_535) throw new StartError(this.#texts.badPort(asked));
    if (port === 0) return freePort(host);
    if (!(await isPortFree(port, host))) throw new StartError(this.#texts.portTaken(port));
    return port;
  }

  #settings(port: number): NodeJS.ProcessEnv {
    const local = { MODE: "test", TEST_CLOCK: "1", LOOPBACK_URLS: "1" };
    return { MASTER_KEY_FILE: this.#home.masterKey, ...local, PORT: String(port) };
  }

  /** Starts PostgreSQL, or looks at the one that `DATABASE_URL` names. Gives its addresses. */
  async #openDatabase(): Promise<NodeJS.ProcessEnv> {
    const own = ownDatabase();
    if (own) {
      const { checkDatabase } = await import("./own-database.ts");
      await this.#progress.step(
        this.#texts.postgres,
        () => checkDatabase(own, this.#texts),
        ({ version, host }) => this.#texts.ownDatabase(version, host),
      );
      return { DATABASE_URL: own };
    }
    const state = hasData(this.#home) ? "started" : "made";
    const { url, applicationUrl } = await this.#progress.step(
      this.#texts.postgres,
      () => this.#startPostgres(),
      ({ attached, port }) => `127.0.0.1:${port} (${this.#texts.postgresState[attached ? "attached" : state]})`,
    );
    return { DATABASE_URL: applicationUrl, MIGRATION_DATABASE_URL: url };
  }

  #startPostgres(): Promise<Postgres> {
    return (this.#postgres = placeForPostgres(this.#home).then((folder) => startPostgres({ folder })));
  }

  /** Starts the server. Gives its base URL. */
  async #startServer(env: NodeJS.ProcessEnv): Promise<string> {
    this.#goOn();
    this.#server = startServer(env, this.#home.serverLog);
    const url = await whenReady(this.#server, readyWithinMs);
    this.#goOn();
    if (url) return url;
    const { serverLog } = this.#home;
    const said = lastWords(serverLog, this.#server.logFrom);
    throw new StartError(`${this.#texts.serverNotReady}\n${this.#texts.lastWords(serverLog)}\n${said}`);
  }

  /** Whether the logins of an earlier start are good for this database; if so they learn the new address. */
  async #renewCredentials(url: string): Promise<boolean> {
    this.#goOn();
    if (!existsSync(this.#home.credentials)) return false;
    const credentials = JSON.parse(readFileSync(this.#home.credentials, "utf8"));
    const headers = { authorization: `Bearer ${credentials.merchant.api_key}` };
    const status = await statusOf(`${url}/v1/payments?limit=1`, headers);
    if (status === 401) return false;
    writePrivately(this.#home.credentials, `${JSON.stringify({ ...credentials, base_url: url }, null, 2)}\n`);
    return true;
  }

  /** Makes the demo data and the first payment. Gives the payment's id. */
  async #makeDemo(env: NodeJS.ProcessEnv, url: string): Promise<string> {
    this.#goOn();
    const demo = makeDemo({ ...env, MIGRATION_DATABASE_URL: "" }, url, this.#home.credentials);
    this.#demo = demo;
    const { demo: title, demoState, payment, paid } = this.#texts;
    await this.#progress.step(
      title,
      () => demo.made,
      () => demoState,
    );
    const { id } = await this.#progress.step(
      payment,
      () => demo.paid,
      ({ amount, id }) => paid(amount, id),
    );
    return id;
  }

  #welcome(url: string, payment: string | undefined): void {
    const { ready, where, readPayment, listPayments, howToStop } = this.#texts;
    const say = (text?: string) => this.#progress.say(text);
    const key = JSON.parse(readFileSync(this.#home.credentials, "utf8")).merchant.api_key;
    say();
    say(this.#progress.bold(ready));
    say();
    say(`  ${column(where.api)} ${url}/v1`);
    say(`  ${column(where.docs)} ${url}/docs`);
    say(`  ${column(where.credentials)} ${this.#home.credentials}`);
    say(`  ${column(where.log)} ${this.#home.serverLog}`);
    say();
    say(payment ? readPayment : listPayments);
    say(`  curl -H 'Authorization: Bearer ${key}' ${url}/v1/payments${payment ? `/${payment}` : ""}`);
    say();
    say(this.#progress.faint(howToStop));
  }

  /** Starts the server again when it ends by itself. */
  async #keepServer(env: NodeJS.ProcessEnv): Promise<void> {
    for (;;) {
      const why = (await this.#server?.gone) ?? "";
      if (this.#stopping) return;
      this.#progress.say(this.#texts.serverDied(why));
      this.#countRestart();
      await sleep(500);
      await this.#mendPostgres();
      await this.#startServer(env).catch(() => this.#server?.stop()); // The next round counts it.
    }
  }

  /** Starts PostgreSQL again when it ends by itself. */
  async #keepPostgres(): Promise<void> {
    for (; this.#postgres && !this.#stopping; await sleep(500)) await this.#mendPostgres();
  }

  /** Sees to it that PostgreSQL runs; after a restart it has the address it had before. */
  #mendPostgres(): Promise<void> {
    const mend = async () => {
      const postgres = await this.#postgres;
      if (!postgres || postgres.isRunning() || this.#stopping) return;
      this.#progress.say(this.#texts.databaseDied);
      this.#countRestart();
      await this.#startPostgres();
    };
    return (this.#mending ??= mend().finally(() => (this.#mending = undefined)));
  }

  #countRestart(): void {
    const now = performance.now();
    this.#restarts.push(now);
    if (this.#restarts.filter((at) => at > now - 60_000).length > mostRestartsAMinute)
      throw new StartError(this.#texts.diesAgain(this.#home.serverLog));
  }

  /** What is under way when it is to stop ends here. */
  #goOn(): void {
    if (this.#stopping) throw new StartError(this.#texts.stopping);
  }
}

const ownDatabase = (): string | undefined => process.env.DATABASE_URL?.trim() || undefined;
