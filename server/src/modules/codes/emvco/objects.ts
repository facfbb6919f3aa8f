/**
 * The data objects that EMVCo QR codes are made of: id (2 digits), length (2 digits, 01 to 99), value. Lengths count characters, not
 * bytes. A template is an object whose value is made of objects.
 */
export type Objects = ReadonlyMap<string, string>;

/** This is no merchant-presented EMVCo code; the message says what is wrong with it. */
export class Unreadable extends Error {
  override name = "Unreadable";
}

const charactersOf = (text: string): string[] => [...text];

/** Writes objects in the order given; those without a value are left out. Throws RangeError for a value longer than 99 characters. */
export function writeObjects(objects: Iterable<readonly [id: string, value: string | null]>): string {
  let text = "";
  for (const [id, value] of objects) {
    if (value === null || value === "") continue;
    const length = charactersOf(value).length;
    if (length > 99) throw new RangeError(`object ${id} has ${length} characters, more than 99`);
    text += id + String(length).padStart(2, "0") + value;
  }
  return text;
}

/** Reads objects to the end of the text. Throws {@link Unreadable} for anything that is not made of objects, and for one that comes twice. */
export function readObjects(text: string): Objects {
  if (!text.isWellFormed()) throw new Unreadable("not a text");
  const characters = charactersOf(text);
  const objects = new Map<string, string>();
  for (let at = 0; at < characters.length; ) {
    const head = characters.slice(at, at + 4).join("");
    if (!/^\d{4}$/.test(head)) throw new Unreadable(`no object at character ${at}`);
    const id = head.slice(0, 2);
    const end = at + 4 + Number(head.slice(2));
    if (end === at + 4) throw new Unreadable(`object ${id} is empty`);
    if (end > characters.length) throw new Unreadable(`object ${id} is longer than the text`);
    if (objects.has(id)) throw new Unreadable(`object ${id} comes twice`);
    objects.set(id, characters.slice(at + 4, end).join(""));
    at = end;
  }
  return objects;
}
