import { randomUUID } from "node:crypto";
import { after, before } from "node:test";
import { authenticateBy } from "#kit/access.ts";
import type { Actor } from "#kit/actor.ts";
import { createHttp, type Http, type HttpOptions } from "#kit/http.ts";
import { newId } from "#kit/ids.ts";
import { type Answer, type CallOptions, callApi } from "./call.ts";

/** A listening server with a few routes of a test's own. */
export interface TestServer {
  readonly url: string;
  readonly app: Http;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
}

/** Starts a server with these routes before the file's tests and closes it after them. */
export function useHttp(routes: (app: Http) => void, options: HttpOptions = {}): TestServer {
  const app = createHttp(options);
  routes(app);
  let url = "";
  before(async () => {
    url = await app.listen({ host: "127.0.0.1", port: 0 });
  });
  after(() => app.close());
  return {
    app,
    get url() {
      return url;
    },
    call: (method, path, options) => callApi(url, method, path, options),
  };
}

const actors = new Map<string, Actor>();
authenticateBy((token) => actors.get(token));

/** A token by which the server of this process takes the caller for this actor. */
export function tokenOf(actor: Actor): string {
  const token = `test ${randomUUID()}`;
  actors.set(token, actor);
  return token;
}

/** A merchant's key that may do everything, or only this. */
export const aMerchantToken = (scopes: string[] | null = null): string =>
  tokenOf({
    kind: "merchant",
    merchantId: newId("mch"),
    keyId: newId("key"),
    livemode: false,
    scopes: scopes && new Set(scopes),
  });
