import { catalogue, conflict, tooMany } from "#kit/errors.ts";

export const notificationErrors = catalogue({
  webhook_endpoint_limit: conflict({
    en: "There are as many webhook endpoints as there may be.",
    zh: "Webhook 端点数量已达上限。",
    advice: "Delete one that is not needed; `details.limit` is how many there may be in each mode.",
  }),
  stream_limit: tooMany({
    en: "As many streams are open as there may be.",
    zh: "实时连接数已达上限。",
    advice: "Close one, or wait `Retry-After` seconds; `details.limit` is how many one owner may open in one process.",
  }),
});
