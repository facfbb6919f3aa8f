import { defineJob } from "#kit/jobs.ts";
import { forgetSecretResults } from "./approval.ts";
import { forgetOldCodes } from "./one-time-code.ts";
import { forgetOldChallenges } from "./sign-in-challenge.ts";
import { forgetOldAttempts } from "./throttle.ts";
import "./watch-audit-log.ts";

defineJob("identity.forget_old_attempts", forgetOldAttempts, { crontab: "37 3 * * *" });
defineJob("identity.forget_old_codes", forgetOldCodes, { crontab: "38 3 * * *" });
defineJob("identity.forget_secret_results", forgetSecretResults, { crontab: "7 * * * *" });
defineJob("identity.forget_old_challenges", forgetOldChallenges, { crontab: "41 * * * *" });
