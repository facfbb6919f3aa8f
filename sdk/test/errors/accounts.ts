import { randomInt } from "node:crypto";
import type { Row } from "./world.ts";

const aPhone = () => `+86137${String(randomInt(1e8)).padStart(8, "0")}`;

/** Who somebody is, and how they prove it. */
export const accountErrors: Row[] = [
  {
    code: "one_time_codes_limited",
    when: "one code after the other is asked for",
    async provoke({ visitor }) {
      const code = { phone: aPhone(), purpose: "register" } as const;
      await visitor.oneTimeCodes.create(code);
      return visitor.oneTimeCodes.create(code);
    },
  },
];
