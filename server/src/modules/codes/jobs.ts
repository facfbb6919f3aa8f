import { defineJob } from "#kit/jobs.ts";
import { purgeCodes } from "./purge-codes.ts";

defineJob("codes.purge", () => purgeCodes(), { crontab: "13 * * * *" });
