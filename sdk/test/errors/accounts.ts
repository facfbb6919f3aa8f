import { randomInt } from "node:crypto";
import type { Row, World } from "./world.ts";

const aPhone = () => `+86137${String(randomInt(1e8)).padStart(8, "0")}`;

const register = ({ visitor }: World, password: string) => visitor.users.create({ phone: aPhone(), password });

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
  {
    code: "one_time_code_invalid",
    when: "somebody registers with a code that was not sent",
    provoke: ({ visitor }) => visitor.users.create({ phone: aPhone(), password: "k2p-w9xz-41", code: "123456" }),
  },
  {
    code: "password_too_short",
    when: "a password has seven characters",
    provoke: (world) => register(world, "k2p-w9x"),
  },
  { code: "password_breached", when: "everybody has this password", provoke: (world) => register(world, "password1") },
  { code: "password_predictable", when: "a password repeats itself", provoke: (world) => register(world, "x7kx7kx7k") },
];
