import { open } from "#kit/access.ts";
import { type Http, languageOf } from "#kit/http.ts";
import * as schemas from "./account-schemas.ts";
import { codeSeconds, sendOneTimeCode } from "./one-time-code.ts";
import { resendSeconds } from "./one-time-code-pace.ts";

/** What proves that somebody is who they are, and changes it. */
export function accountRoutes(app: Http): void {
  app.post("/v1/one_time_codes", { schema: schemas.SendOneTimeCode, config: open() }, async (request) => {
    const { purpose } = request.body;
    await sendOneTimeCode({ ...request.body, language: languageOf(request) }, request.ip);
    return { object: "one_time_code" as const, purpose, expires_in: codeSeconds, resend_in: resendSeconds };
  });
}
