import { isIPv4 } from "node:net";

/** The eight groups of an IPv6 address, or nothing for IPv4 (also when it is mapped into IPv6). */
function groupsOf(address: string): { v4: string } | { groups: string[] } {
  const bare = address.split("%", 1)[0] as string;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped || isIPv4(bare)) return { v4: mapped ?? bare };
  const [head = "", tail] = bare.toLowerCase().split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail?.split(":").filter(Boolean) ?? [];
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  return { groups: [...before, ...zeros, ...after] };
}

/** What one party commands as a whole: an IPv4 address, or the /64 of an IPv6 address. */
export function networkOf(address: string): string {
  const parts = groupsOf(address);
  return "v4" in parts ? parts.v4 : `${parts.groups.slice(0, 4).join(":")}::/64`;
}

/** An address as people may see it: `203.0.113.×`, `2001:db8:1::×` (reference/glossary.md, section 11). */
export function maskAddress(address: string): string {
  const parts = groupsOf(address);
  return "v4" in parts ? parts.v4.replace(/\d+$/, "×") : `${parts.groups.slice(0, 3).join(":")}::×`;
}
