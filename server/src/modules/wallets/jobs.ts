import { defineJob } from "#kit/jobs.ts";
import { forgetOldLookups } from "./recipients.ts";

defineJob("wallets.forget_old_lookups", forgetOldLookups, { crontab: "37 3 * * *" });
