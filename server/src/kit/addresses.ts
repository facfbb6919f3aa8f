import { BlockList, isIP } from "node:net";

/** Sets of IP addresses, as lists of addresses and CIDR ranges of either family. */
interface Range {
  readonly address: string;
  readonly family: "ipv4" | "ipv6";
  readonly prefix: number;
}

/** IPv4 written into IPv6, as a socket that listens for both gives it. */
const mapped = /^::ffff:/i;

/** Reads `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`; nothing for what is none of these, and for IPv4 written into IPv6. */
export function readRange(text: string): Range | undefined {
  if (mapped.test(text)) return undefined;
  const match = /^([0-9a-fA-F.:]{2,45})(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text);
  const address = match?.[1] ?? "";
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefix = match?.[2] === undefined ? bits : Number(match[2]);
  if (version === 0 || prefix > bits) return undefined;
  return { address, family: version === 4 ? "ipv4" : "ipv6", prefix };
}

/** Addresses that are looked up in memory. The two families are apart: `::/0` is every IPv6 address and no IPv4 address. */
export class AddressSet {
  readonly #ranges: readonly { range: Range; list: BlockList }[];
  readonly #all = { ipv4: new BlockList(), ipv6: new BlockList() };

  /** Throws for a text that {@link readRange} can't read. */
  constructor(texts: readonly string[]) {
    this.#ranges = texts.map((text) => {
      const range = readRange(text);
      if (!range) throw new RangeError(`${text} is no address or range`);
      const { address, prefix, family } = range;
      const list = new BlockList();
      for (const each of [list, this.#all[family]]) each.addSubnet(address, prefix, family);
      return { range, list };
    });
  }

  has(address: string): boolean {
    const [bare = ""] = address.replace(mapped, "").split("%", 1);
    const family = isIP(bare) === 6 ? "ipv6" : "ipv4";
    return this.#all[family].check(bare, family);
  }

  /** Whether every address of the other ranges is in one range of this set. */
  covers(texts: readonly string[]): boolean {
    return texts.every((text) => {
      const inner = readRange(text);
      return inner !== undefined && this.#ranges.some(({ range, list }) => contains(range, list, inner));
    });
  }
}

const contains = (outer: Range, list: BlockList, { address, family, prefix }: Range): boolean =>
  outer.family === family && outer.prefix <= prefix && list.check(address, family);
