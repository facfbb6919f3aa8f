import { randomUUID } from "node:crypto";
import { anAuthenticator, appCode } from "@feiqian/server/test/authenticator.ts";
import type { Row, World } from "./world.ts";

/** Somebody who has just registered. */
async function aNewcomer({ visitor, clientOf }: World) {
  const phone = `+86135${Math.random().toFixed(8).slice(2)}`;
  const password = randomUUID();
  await visitor.users.create({ phone, password });
  const { access_token } = await visitor.sessions.create({ phone, password });
  return { phone, password, me: clientOf(access_token).users.me };
}

type Newcomer = Awaited<ReturnType<typeof aNewcomer>>;

async function registerPasskey({ platform }: World, { me, password }: Newcomer) {
  const { public_key } = await me.passkeys.options({ password });
  const page = anAuthenticator(platform.url.replace("127.0.0.1", "localhost"));
  const credential = page.create(public_key as Parameters<typeof page.create>[0]);
  return me.passkeys.create({ name: "Phone", credential: { ...credential, type: "public-key" } });
}

async function switchAppOn({ me, password }: Newcomer) {
  const { secret = "" } = await me.totp.create({ password });
  await me.totp.confirm({ code: appCode(secret) });
  return secret;
}

/** The details of the refusal that a sign-in with the password alone meets. */
async function challengeOf({ visitor }: World, { phone, password }: Newcomer): Promise<string> {
  const refusal = await visitor.sessions.create({ phone, password }).catch((error: unknown) => error);
  return (refusal as { details: { challenge: string } }).details.challenge;
}

/** Signing in with more than a password. */
export const factorErrors: Row[] = [
  {
    code: "mfa_required",
    when: "who has a passkey signs in with the password alone",
    async provoke(world) {
      const newcomer = await aNewcomer(world);
      await registerPasskey(world, newcomer);
      const { phone, password } = newcomer;
      return world.visitor.sessions.create({ phone, password });
    },
  },
  {
    code: "challenge_invalid",
    when: "a challenge is none",
    provoke: ({ visitor }) => visitor.sessions.challenge({ challenge: "sc_none", totp: "123456" }),
  },
  {
    code: "second_factor_invalid",
    when: "a challenge is answered with a wrong code",
    async provoke(world) {
      const newcomer = await aNewcomer(world);
      const secret = await switchAppOn(newcomer);
      const challenge = await challengeOf(world, newcomer);
      return world.visitor.sessions.challenge({ challenge, totp: appCode(secret, 1_000) });
    },
  },
  {
    code: "totp_invalid",
    when: "an authenticator app is switched on by a wrong code",
    async provoke(world) {
      const { me, password } = await aNewcomer(world);
      const { secret = "" } = await me.totp.create({ password });
      return me.totp.confirm({ code: appCode(secret, 1_000) });
    },
  },
  {
    code: "recovery_code_invalid",
    when: "an authenticator app is switched off by a code that is none",
    async provoke(world) {
      const newcomer = await aNewcomer(world);
      await switchAppOn(newcomer);
      const { me, password } = newcomer;
      return me.totp.delete({ password, recovery_code: "0000-0000-0000-0000" });
    },
  },
  {
    code: "passkey_invalid",
    when: "a passkey was made by another site's page",
    async provoke(world) {
      const { me, password } = await aNewcomer(world);
      const { public_key } = await me.passkeys.options({ password });
      const page = anAuthenticator("https://evil.example.com");
      const credential = page.create(public_key as Parameters<typeof page.create>[0]);
      return me.passkeys.create({ name: "Phone", credential: { ...credential, type: "public-key" } });
    },
  },
  {
    code: "passkey_limit_reached",
    when: "one passkey after the other is registered",
    async provoke(world) {
      const newcomer = await aNewcomer(world);
      for (let n = 0; n < 11; n++) await registerPasskey(world, newcomer);
    },
  },
];
