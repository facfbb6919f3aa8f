import { createHttp, type Http } from "#kit/http.ts";

/** The HTTP interface: every module's routes on one server. */
export function createApi(): Http {
  const app = createHttp();
  return app;
}
