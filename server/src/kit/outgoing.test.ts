import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { testSettings } from "#test/platform.ts";
import { configure } from "./config.ts";
import { isCallable, mostAnswerBytes, Outgoing, OutgoingRefused, outgoingUrlProblem } from "./outgoing.ts";

const folder = mkdtempSync(join(tmpdir(), "feiqian-outgoing-"));
const settle = (loopback: boolean) =>
  configure({ ...testSettings(folder, "postgres://localhost/none"), LOOPBACK_URLS: loopback ? "1" : "0" });
before(() => settle(true));
after(() => rmSync(folder, { recursive: true }));

/** A server on this machine; its address by the name `localhost`. */
async function aServer(t: { after: (end: () => void) => void }, answer: RequestListener): Promise<URL> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://localhost:${(server.address() as AddressInfo).port}/hook`);
}

const call = (outgoing: Outgoing, url: string | URL, facts: { livemode?: boolean; timeoutMs?: number } = {}) =>
  outgoing.post({ url: String(url), livemode: false, headers: {}, body: "{}", timeoutMs: 5_000, ...facts });

function anOutgoing(
  t: { after: (end: () => Promise<void>) => void },
  ...resolve: ConstructorParameters<typeof Outgoing>
) {
  const outgoing = new Outgoing(...resolve);
  t.after(() => outgoing.close());
  return outgoing;
}

describe("an address", () => {
  const table: [url: string, problem: RegExp | undefined, ofTestData?: RegExp | "fine"][] = [
    ["https://shop.example/hook?a=b", undefined],
    ["https://shop.example:8443/", undefined],
    ["https://8.8.8.8/", undefined],
    ["https://[2606:4700:4700::1111]/", undefined],
    ["http://shop.example/", /https/],
    ["ftp://shop.example/", /https/],
    ["file:///etc/passwd", /https/],
    ["javascript:alert(1)", /https/],
    ["shop.example/hook", /address/],
    ["", /address/],
    ["https://shop.example/a b", /address/],
    [`https://shop.example/${"x".repeat(2_048)}`, /2048/],
    ["https://user@shop.example/", /user name/],
    ["https://:secret@shop.example/", /password/],
    ["https://shop.example/#part", /fragment/],
    ["https://shop.example:22/", /port/],
    ["https://shop.example:25/", /port/],
    ["https://shop.example:6000/", /port/],
    ["http://localhost:3000/", /https/, "fine"],
    ["http://127.0.0.1:3000/", /https/, "fine"],
    ["http://[::1]:3000/", /https/, "fine"],
    ["https://127.0.0.1/", /public/, "fine"],
    // Every spelling of 127.0.0.1 that a URL knows.
    ["https://2130706433/", /public/, "fine"],
    ["https://0x7f.1/", /public/, "fine"],
    ["https://017700000001/", /public/, "fine"],
    ["https://[::ffff:127.0.0.1]/", /public/, "fine"],
    ["https://0.0.0.0/", /public/],
    ["https://10.1.2.3/", /public/],
    ["https://172.16.0.1/", /public/],
    ["https://192.168.1.1/", /public/],
    ["https://169.254.169.254/latest/meta-data", /public/],
    ["https://100.100.100.200/", /public/],
    ["https://168.63.129.16/", /public/],
    ["https://224.0.0.1/", /public/],
    ["https://255.255.255.255/", /public/],
    ["https://[::]/", /public/],
    ["https://[fe80::1]/", /public/],
    ["https://[fd00:ec2::254]/", /public/],
    ["https://[ff02::1]/", /public/],
    ["https://[::ffff:10.0.0.1]/", /public/],
    ["https://[::10.0.0.1]/", /public/],
    ["https://[64:ff9b::a9fe:a9fe]/", /public/],
    ["https://[2002:a9fe:a9fe::1]/", /public/],
    ["https://[2001:db8::1]/", /public/],
  ];
  for (const [url, problem, ofTestData = problem] of table) {
    test(`${url.slice(0, 60) || "of nothing"} is ${problem ? "refused" : "taken"}${ofTestData === "fine" ? ", but taken for test data where the setting says so" : ""}`, () => {
      for (const [livemode, loopback] of [
        [true, true],
        [true, false],
        [false, false],
      ] as const) {
        settle(loopback);
        const said = outgoingUrlProblem(url, livemode);
        if (problem) assert.match(said ?? "", problem);
        else assert.equal(said, undefined);
      }
      settle(true);
      const said = outgoingUrlProblem(url, false);
      if (ofTestData === "fine" || ofTestData === undefined) assert.equal(said, undefined);
      else assert.match(said ?? "", ofTestData);
    });
  }

  test("that is no address at all is not called", () => assert.equal(isCallable("nonsense", true), false));
});

describe("a call", () => {
  test("goes to the address that was looked at, whatever the name says a moment later", async (t) => {
    const heard: string[] = [];
    const url = await aServer(t, (request, response) => {
      heard.push(String(request.headers.host));
      response.end();
    });
    const answers = [["127.0.0.1"], ["169.254.169.254"]];
    let asked = 0;
    const outgoing = anOutgoing(t, async () => answers[asked++] ?? ["10.0.0.1"]);
    assert.equal((await call(outgoing, url)).status, 200);
    assert.deepEqual([asked, heard], [1, [url.host]]);
    // The connection is kept; when it is gone the name is looked at again, and refused.
    const afresh = anOutgoing(t, async () => answers[asked++] ?? ["10.0.0.1"]);
    await assert.rejects(call(afresh, url), OutgoingRefused);
    assert.equal(heard.length, 1);
  });

  test("is not made when any address of the name is private", async (t) => {
    const named = async (...addresses: string[]) =>
      call(
        anOutgoing(t, async () => addresses),
        "https://shop.example/",
      );
    for (const addresses of [
      ["10.0.0.1"],
      ["127.0.0.1"],
      ["8.8.8.8", "192.168.0.1"],
      ["::1"],
      ["::ffff:169.254.169.254"],
      ["nonsense"],
      [],
    ])
      await assert.rejects(named(...addresses), OutgoingRefused, String(addresses));
  });

  test("for live data does not reach this machine, and neither does one for test data without the setting", async (t) => {
    let calls = 0;
    const url = await aServer(t, (_request, response) => {
      calls++;
      response.end();
    });
    const outgoing = anOutgoing(t);
    await assert.rejects(call(outgoing, url, { livemode: true }), OutgoingRefused);
    settle(false);
    await assert.rejects(call(outgoing, url), OutgoingRefused);
    settle(true);
    assert.equal((await call(outgoing, url)).status, 200);
    assert.equal(calls, 1);
  });

  test("does not follow where it is sent", async (t) => {
    const url = await aServer(t, (_request, response) =>
      response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end("elsewhere"),
    );
    const { status, body } = await call(anOutgoing(t), url);
    assert.deepEqual([status, body], [302, "elsewhere"]);
  });

  test("reads 64 KB of an answer without end, and no more", { timeout: 20_000 }, async (t) => {
    let sent = 0;
    const url = await aServer(t, (_request, response) => {
      const block = Buffer.alloc(16 * 1024, "x");
      const pour = () => {
        while (!response.destroyed && response.write(block)) sent += block.length;
      };
      response.on("drain", pour).on("error", () => {});
      pour();
    });
    const { body } = await call(anOutgoing(t), url);
    assert.equal(body.length, mostAnswerBytes);
    assert.ok(sent < 16 * 1024 * 1024, `${sent} bytes were taken`);
  });

  test("ends in time: with nobody answering, and with an answer that trickles", async (t) => {
    const silent = await aServer(t, () => {});
    const trickling = await aServer(t, (_request, response) => {
      response.write("x");
      const timer = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(timer));
    });
    const outgoing = anOutgoing(t);
    for (const url of [silent, trickling])
      await assert.rejects(call(outgoing, url, { timeoutMs: 200 }), { name: "TimeoutError" });
  });
});
