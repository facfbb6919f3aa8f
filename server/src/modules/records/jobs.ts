import { defineJob } from "#kit/jobs.ts";
import { forgetName, forgetNameJob } from "./forget-name.ts";

defineJob(forgetNameJob, forgetName);
