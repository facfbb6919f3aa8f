import { ok } from "@feiqian/server/test/factories.ts";
import type { Stage } from "../stage.ts";
import type { World } from "../world.ts";

/** An object as the interface shows it. */
export interface ApiObject extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly status: string;
}

/** Everything that everybody has, as they themselves read it, by owner and id. */
export async function readObjects(world: World, { shops, payers }: Stage): Promise<Map<string, ApiObject>> {
  const objects = new Map<string, ApiObject>();
  const read = async (owner: string, token: string, list: string) => {
    for (let after = ""; ; ) {
      const page = await ok(world.call("GET", `${list}?limit=100${after}`, { token }));
      for (const object of page.data as ApiObject[]) objects.set(`${owner} ${object.id}`, object);
      if (!page.has_more) return;
      after = `&starting_after=${page.data.at(-1).id}`;
    }
  };
  for (const { id, key } of shops) {
    for (const list of ["/v1/payments", "/v1/refunds"]) await read(id, key, list);
  }
  for (const { id, phone, password } of payers) {
    const session = await ok(world.call("POST", "/v1/sessions", { body: { phone, password }, key: null }));
    for (const list of ["/v1/transfers", "/v1/topups", "/v1/withdrawals"]) await read(id, session.access_token, list);
  }
  return objects;
}
