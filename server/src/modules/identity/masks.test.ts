import assert from "node:assert/strict";
import { test } from "node:test";
import { maskAddress, networkOf } from "#kit/networks.ts";
import { maskEmail, maskName, maskPhone } from "./masks.ts";

const each = (mask: (text: string) => string, cases: Record<string, string>): void => {
  for (const [text, shown] of Object.entries(cases)) assert.equal(mask(text), shown, text);
};

test("a mainland phone shows three and four digits, another its country and the last four", () =>
  each(maskPhone, {
    "+8613812345678": "138****5678",
    "+85251234567": "+852 **** 4567",
    "+14155550123": "+1 **** 0123",
    "+79161234567": "+7 **** 4567",
    "+4915112345678": "+49 **** 5678",
    "+861012345678": "+86 **** 5678",
    "+3531234567": "+353 **** 4567",
  }));

test("a Chinese name shows its last character, another its first name and an initial", () =>
  each(maskName, {
    张三: "*三",
    李娜娜: "**娜",
    李: "*",
    阿凡提·买买提: "******提",
    "Ming Wang": "Ming W.",
    "Anna Maria van Dyk": "Anna D.",
    Ming: "M.",
    "José Ñandú": "José Ñ.",
  }));

test("an email shows first and last character of its local part", () =>
  each(maskEmail, {
    "alison@example.com": "a***n@example.com",
    "ab@example.com": "a***b@example.com",
    "a@example.com": "a***@example.com",
  }));

test("an address hides its last part, or all of IPv6 but the /48", () =>
  each(maskAddress, {
    "203.0.113.9": "203.0.113.×",
    "::ffff:203.0.113.9": "203.0.113.×",
    "2001:db8:1:2::9": "2001:db8:1::×",
    "::1": "0:0:0::×",
  }));

test("a network is an IPv4 address or an IPv6 /64, however it is written", () =>
  each(networkOf, {
    "203.0.113.9": "203.0.113.9",
    "::ffff:203.0.113.9": "203.0.113.9",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "2001:DB8:1:2::9": "2001:db8:1:2::/64",
    "2001:db8::9": "2001:db8:0:0::/64",
    "fe80::1%eth0": "fe80:0:0:0::/64",
    "::1": "0:0:0:0::/64",
  }));
