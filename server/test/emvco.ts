import { getCrcInfo, parseQR, QRParseMode, type TlvEntity } from "emvco-qr-sdk";

/** What a parser that is not ours finds in an EMVCo code. It counts UTF-16 units, so all characters must be of the basic plane. */
export function independently(text: string) {
  const objects = parseQR(text, { parseMode: QRParseMode.TLV }) as TlvEntity[];
  // It computes over characters where the standard says bytes, so it gets each byte as a character.
  const { isValid } = getCrcInfo(Buffer.from(text).toString("latin1"), objects);
  const valueOf = (id: string): string | null => objects.find(({ tag }) => tag === id)?.value ?? null;
  const templateOf = (id: string): Record<string, string> => {
    const template = objects.find(({ tag }) => tag === id)?.subTags ?? [];
    return Object.fromEntries(template.map(({ tag, value }) => [tag, value]));
  };
  return { crcIsValid: isValid, valueOf, templateOf };
}
