import { defineJob } from "#kit/jobs.ts";
import { forgetOldAttempts } from "./throttle.ts";

defineJob("identity.forget_old_attempts", forgetOldAttempts, { crontab: "37 3 * * *" });
