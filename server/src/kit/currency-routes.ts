import { Type } from "typebox";
import { open } from "./access.ts";
import type { Http } from "./http.ts";
import { currencies, exponentOf } from "./money.ts";
import { Currency, ListOf } from "./schemas.ts";

const ListCurrencies = {
  tags: ["Reference"],
  summary: "List currencies and the decimal places of their minor units",
  response: {
    200: ListOf(
      Type.Object({
        object: Type.Literal("currency"),
        code: Currency,
        exponent: Type.Integer({ description: "An amount of 1250 is 12.50 when it is 2, 1250 when it is 0" }),
      }),
    ),
  },
};

/** What a client needs to show amounts: never its own table, never `Intl`'s. */
export function currencyRoutes(app: Http): void {
  app.get("/v1/currencies", { schema: ListCurrencies, config: open() }, () => ({
    object: "list" as const,
    data: currencies().map((code) => ({ object: "currency" as const, code, exponent: exponentOf(code) })),
    has_more: false,
    url: "/v1/currencies",
  }));
}
