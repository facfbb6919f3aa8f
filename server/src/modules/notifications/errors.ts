import { catalogue, conflict } from "#kit/errors.ts";

export const notificationErrors = catalogue({
  webhook_endpoint_limit: conflict({
    en: "There are as many webhook endpoints as there may be.",
    zh: "Webhook 端点数量已达上限。",
    advice: "Delete one that is not needed; `details.limit` is how many there may be in each mode.",
  }),
});
