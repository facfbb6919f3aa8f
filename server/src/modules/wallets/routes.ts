import { actorOf, allow } from "#kit/access.ts";
import type { Http } from "#kit/http.ts";
import { readWallet } from "./read-wallet.ts";
import { ReadWallet } from "./schemas.ts";

export function walletRoutes(app: Http): void {
  app.get("/v1/wallet", { schema: ReadWallet, config: allow("user") }, (request) =>
    readWallet(actorOf(request, "user")),
  );
}
