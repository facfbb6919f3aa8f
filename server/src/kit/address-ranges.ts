import ipaddr from "ipaddr.js";

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Reads `10.0.0.0/8,2001:db8::1`: addresses and ranges with commas between them. Throws an Error that says what is wrong. */
export function parseAddressRanges(text: string): Range[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      try {
        const range: Range = part.includes("/")
          ? ipaddr.parseCIDR(part)
          : [ipaddr.parse(part), part.includes(":") ? 128 : 32];
        return range;
      } catch {
        throw new Error(`"${part}" is neither an IP address nor a range such as 10.0.0.0/8`);
      }
    });
}

/** Whether an address, in whatever spelling, lies in one of the ranges. */
export function isWithin(ranges: readonly Range[]): (address: string | undefined) => boolean {
  if (ranges.length === 0) return () => false;
  return (text) => {
    if (!text || !ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return ranges.some((range) => range[0].kind() === address.kind() && address.match(range));
  };
}
