/**
 * The fields `Signature-Input` and `Signature` (RFC 9421, section 4) as far as they are read here: dictionaries of RFC 9651 whose members
 * are lists of names with parameters, or bytes. Strict: a field that is not written by the rules, or that names a label twice, is nothing.
 */
export interface SignatureInput {
  /** The member as it was sent, without its label: the value of `@signature-params`. */
  readonly text: string;
  readonly list: string;
  readonly parameters: string;
}

const string = '"(?:[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\["\\\\])*"';
const key = "[a-z*][a-z0-9_.*-]*";
const bareItem = `(?:${string}|-?\\d{1,15}(?:\\.\\d{1,3})?|:[A-Za-z0-9+/=]*:|\\?[01]|[A-Za-z*][\\w!#$%&'*+.^\`|~:/-]*)`;
const parameters = `(?:; *${key}(?:=${bareItem})?)*`;
const item = `${string}${parameters}`;
// Nothing here can match the same characters in two ways, so that no field takes longer than its length.
const inputMember = new RegExp(`(${key})=((\\( *(?:${item}(?: +${item})* *)?\\))(${parameters}))`, "y");
const signatureMember = new RegExp(`(${key})=:([A-Za-z0-9+/]*={0,2}):${parameters}`, "y");
const comma = /[ \t]*,[ \t]*/y;

/** The members of `Signature-Input` by their labels. */
export const readSignatureInput = (field: string): Map<string, SignatureInput> | undefined =>
  readDictionary(field, inputMember, ([, , text, list, parameters]) => ({
    text: text as string,
    list: list as string,
    parameters: parameters as string,
  }));

/** The members of `Signature` by their labels, in base64. */
export const readSignature = (field: string): Map<string, string> | undefined =>
  readDictionary(field, signatureMember, ([, , base64]) => base64 as string);

function readDictionary<Member>(
  field: string,
  member: RegExp,
  read: (match: RegExpExecArray) => Member,
): Map<string, Member> | undefined {
  const members = new Map<string, Member>();
  for (let at = 0; ; at = comma.lastIndex) {
    member.lastIndex = at;
    const match = member.exec(field);
    if (!match || members.has(match[1] as string)) return undefined;
    members.set(match[1] as string, read(match));
    comma.lastIndex = member.lastIndex;
    if (comma.lastIndex === field.length) return members;
    if (!comma.test(field)) return undefined;
  }
}

const plainList = /^\("[@a-z-]+"(?: "[@a-z-]+")*\)$/;
const plainParameter = /;([a-z]+)=(?:"([\x20\x21\x23-\x5b\x5d-\x7e]*)"|(\d{1,12}))/y;

/** The names in a list of plain names, one blank between two; nothing for any other list. */
export const namesOf = ({ list }: SignatureInput): string[] | undefined =>
  plainList.test(list) ? list.slice(2, -2).split('" "') : undefined;

/** Parameters that are texts or whole numbers, each once; nothing when there are others. */
export function parametersOf({ parameters }: SignatureInput): Map<string, string | number> | undefined {
  const found = new Map<string, string | number>();
  for (plainParameter.lastIndex = 0; plainParameter.lastIndex < parameters.length; ) {
    const match = plainParameter.exec(parameters);
    if (!match || found.has(match[1] as string)) return undefined;
    found.set(match[1] as string, match[2] ?? Number(match[3]));
  }
  return found;
}

const digest = /^([a-z][a-z0-9-]*)=:([A-Za-z0-9+/]+={0,2}):$/;

/** The digests of `Content-Digest` (RFC 9530) by their algorithms, in base64; nothing for what is not written by the rules. */
export function readContentDigest(field: string): Map<string, string> | undefined {
  const digests = new Map<string, string>();
  for (const member of field.split(",")) {
    const match = digest.exec(member.trim());
    if (!match || digests.has(match[1] as string)) return undefined;
    digests.set(match[1] as string, match[2] as string);
  }
  return digests;
}
