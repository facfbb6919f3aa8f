import { defineJob } from "#kit/jobs.ts";
import { forgetName, forgetNameJob } from "./forget-name.ts";
import { forgetOldLookups } from "./recipients.ts";

defineJob("wallets.forget_old_lookups", forgetOldLookups, { crontab: "37 3 * * *" });
defineJob(forgetNameJob, forgetName);
