import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { usePlatform } from "@feiqian/server/test/platform.ts";
import packedChromium from "@sparticuz/chromium";
import { type Browser, chromium, type Page } from "playwright-core";

const platform = usePlatform();
let starting: Promise<Browser> | undefined;

/** A browser that minds where things come from: the package's arguments would let it read every site. */
async function start(): Promise<Browser> {
  const careless = ["--disable-web-security", "--allow-running-insecure-content", "--disable-site-isolation-trials"];
  const args = packedChromium.args.filter((argument) => !careless.includes(argument));
  return chromium.launch({ args, executablePath: await packedChromium.executablePath(), headless: true });
}

/** A page in a real browser, and everything that went wrong there or was kept from happening. */
async function open(path: string): Promise<{ page: Page; trouble: string[] }> {
  const page = await (await (starting ??= start())).newPage();
  const trouble: string[] = [];
  page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("request", (request) => !request.url().startsWith(platform.url) && trouble.push(`calls ${request.url()}`));
  await page.goto(platform.url + path);
  return { page, trouble };
}
after(async () => (await starting)?.close());

test("the documentation works under its policy, and calls nobody but us", async () => {
  const { page, trouble } = await open("/");
  await page.getByText("The process is alive").first().waitFor();
  assert.equal(new URL(page.url()).pathname, "/docs/");
  await page.getByRole("button", { name: "Search" }).first().click();
  await page.getByRole("dialog").getByRole("combobox").waitFor();
  assert.deepEqual(trouble, []);
});

test("the list of errors shows in its style, and nothing that was written into it would run or load", async () => {
  const { page, trouble } = await open("/docs/errors#insufficient_funds");
  const style = `getComputedStyle(document.querySelector("#insufficient_funds h2")).fontFamily`;
  assert.match(await page.evaluate<string>(style), /monospace/);
  assert.deepEqual(trouble, []);
  const refused = await page.evaluate<string[]>(`new Promise((resolve) => {
    const refused = new Set();
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
      if (refused.add(effectiveDirective).size === 5) resolve([...refused].sort());
    });
    const hostile = "<img src=/x><p id=loud style='position:fixed' onclick='window.hacked=1'>x</p><iframe src=/docs></iframe>";
    document.body.insertAdjacentHTML("beforeend", hostile + "<link rel=stylesheet href=/x.css>");
    document.querySelector("#loud").click();
  })`);
  assert.deepEqual(refused, ["frame-src", "img-src", "script-src-attr", "style-src-attr", "style-src-elem"]);
  assert.equal(await page.evaluate("window.hacked"), undefined);
});

test("nobody puts us into a frame; in test mode a page that this machine serves reads what we answer", async (t) => {
  const frame = `<!doctype html><iframe src="${platform.url}/docs/errors"></iframe>`;
  const site = createServer((_asked, answer) => answer.writeHead(200, { "content-type": "text/html" }).end(frame));
  site.listen(0, "127.0.0.1");
  t.after(() => site.close());
  const page = await (await (starting ??= start())).newPage();
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
  assert.equal(page.frames()[1]?.url(), "chrome-error://chromewebdata/");
  const read = `fetch("${platform.url}/v1/currencies", { headers: { "Feiqian-Version": "2026-11-01" } })`;
  assert.match(await page.evaluate<string>(`${read}.then((answer) => answer.headers.get("request-id"))`), /^req_/);
});

test("a page signs in and lives on a cookie that it never sees, and signs out", async () => {
  const phone = "+8613700000001";
  const password = "a password for the page";
  assert.equal((await platform.call("POST", "/v1/users", { body: { phone, password }, key: null })).status, 200);
  const { page } = await open("/docs/");
  const seen = await page.evaluate<Record<string, unknown>>(`(async () => {
    const ask = async (method, path, body, headers) => {
      const session = { "Content-Type": "application/json", "Feiqian-Session": "cookie", ...headers };
      const answer = await fetch(path, { method, headers: session, body: body && JSON.stringify(body) });
      return { status: answer.status, ...(await answer.json()) };
    };
    const signedIn = await ask("POST", "/v1/sessions", ${JSON.stringify({ phone, password })});
    const refreshed = await ask("POST", "/v1/sessions/refresh", {});
    const again = await ask("POST", "/v1/sessions/refresh", {});
    const ended = await ask("DELETE", "/v1/sessions/current", undefined, { Authorization: "Bearer " + again.access_token });
    const late = await ask("POST", "/v1/sessions/refresh", {});
    return { script: document.cookie, signedIn, refreshed, again, ended, late };
  })()`);
  const { script, signedIn, refreshed, again, ended, late } = seen as Record<string, { [field: string]: unknown }>;
  assert.equal(script, "");
  for (const answer of [signedIn, refreshed, again])
    assert.deepEqual([answer?.status, typeof answer?.access_token, answer?.refresh_token], [200, "string", undefined]);
  assert.deepEqual([ended?.status, late?.status], [200, 401]);
});
