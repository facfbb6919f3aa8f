import { crc32, deflateSync } from "node:zlib";
import { encode } from "uqr";

export interface Drawing {
  /** Pixels of the whole square, margin included. */
  readonly size: number;
  /** The light border, in modules; the standard (ISO/IEC 18004) asks for 4. */
  readonly margin: number;
}

/** Dark modules by row and column. Error correction M or better, as EMVCo advises. */
const modulesOf = (text: string): boolean[][] => encode(text, { ecc: "M", boostEcc: true, border: 0 }).data;

/** Least pixels of a module: a camera does not read smaller ones well. */
const leastScale = 2;

/** The least size that holds the code with this margin. */
export const leastSize = (text: string, margin: number): number => (modulesOf(text).length + 2 * margin) * leastScale;

/** A QR code as SVG: one path, sharp at any size. */
export function drawSvg(text: string, { size, margin }: Drawing): string {
  const modules = modulesOf(text);
  const side = modules.length + 2 * margin;
  const path = modules
    .flatMap((row, y) => runsOf(row).map(([x, length]) => `M${x + margin} ${y + margin}h${length}v1h-${length}z`))
    .join("");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${side} ${side}" ` +
    `shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}h-${side}z"/><path d="${path}"/></svg>`
  );
}

/** Stretches of dark modules: where they begin and how long they are. */
function runsOf(row: readonly boolean[]): [start: number, length: number][] {
  const runs: [number, number][] = [];
  row.forEach((dark, x) => {
    if (!dark) return;
    const last = runs.at(-1);
    if (last && last[0] + last[1] === x) last[1]++;
    else runs.push([x, 1]);
  });
  return runs;
}

/** A QR code as PNG (ISO/IEC 15948): one bit a pixel, whole pixels a module; what is left over widens the border. */
export function drawPng(text: string, { size, margin }: Drawing): Buffer {
  const modules = modulesOf(text);
  const scale = Math.floor(size / (modules.length + 2 * margin));
  const offset = Math.floor((size - modules.length * scale) / 2);
  const rowLength = 1 + Math.ceil(size / 8);
  // Filter type 0 before each row; a set bit is light.
  const pixels = Buffer.alloc(rowLength * size, 0xff);
  for (let y = 0; y < size; y++) {
    const row = pixels.subarray(y * rowLength, (y + 1) * rowLength);
    row[0] = 0;
    const line = modules[Math.floor((y - offset) / scale)];
    line?.forEach((dark, x) => {
      if (dark) darken(row, offset + x * scale, scale);
    });
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([1, 0, 0, 0, 0], 8);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(pixels)), chunk("IEND")]);
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function darken(row: Buffer, from: number, count: number): void {
  for (let x = from; x < from + count; x++) {
    const at = 1 + (x >> 3);
    row[at] = (row[at] as number) & ~(0x80 >> (x & 7));
  }
}

function chunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
