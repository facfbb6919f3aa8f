import { once } from "node:events";
import { openMerchantsServer } from "#test/merchants.ts";

/** A process of its own that serves the merchants' routes until its parent lets go of it. */
const { base, close } = await openMerchantsServer(process.env as Record<string, string>);
process.send?.(base);
await once(process, "disconnect");
await close();
