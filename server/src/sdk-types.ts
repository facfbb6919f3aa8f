/** JSON Schema as TypeScript text. An object that says what it is (`object: "payment"`) is a type with a name; others are written out. */

/** The part of JSON Schema that our routes use. */
export interface Schema {
  type?: string | string[];
  enum?: readonly unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  patternProperties?: Record<string, Schema>;
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
  not?: Schema;
  description?: string;
}

export const camel = (word: string): string => word.replace(/[_.-]+(\w)/g, (_, letter: string) => letter.toUpperCase());
export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const pascal = (word: string): string => capital(camel(word));

/** What a list is a list of; nothing for an answer that is none. */
export function itemOf(schema: Schema | undefined): Schema | undefined {
  if (schema?.allOf) return schema.allOf.map(itemOf).find((item) => item !== undefined);
  return schema?.properties?.object?.enum?.[0] === "list" ? schema.properties.data?.items : undefined;
}

/** `named`: objects are referred to by their names, as in answers. `inline`: all is written out, as in requests. */
type Style = "named" | "inline";

const quoted = (name: string): string => (/^[a-z_$][\w$]*$/i.test(name) ? name : JSON.stringify(name));
const literalOf = (schema: Schema): string | undefined => {
  const values = schema.properties?.object?.enum;
  return values?.length === 1 && !itemOf(schema) ? String(values[0]) : undefined;
};

/** `Record` is TypeScript's own. */
const nameOf = (literal: string): string => (literal === "record" ? "MoneyRecord" : pascal(literal));

/** A schema as a type. */
export function typeText(schema: Schema, style: Style): string {
  const literal = literalOf(schema);
  if (style === "named" && literal) return nameOf(literal);
  const item = itemOf(schema);
  if (style === "named" && item) return `List<${typeText(item, style)}>`;
  if (schema.not) return "undefined";
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return unionText(schema.enum.map((value) => JSON.stringify(value)));
  const [first = schema, ...others] = choicesOf(schema);
  if (first !== schema) return unionText([first, ...others].map((choice) => typeText(choice, style)));
  if (schema.allOf) return schema.allOf.map((part) => typeText(part, style)).join(" & ");
  switch (schema.type) {
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return arrayText(typeText(schema.items ?? {}, style));
    case "object":
      return objectText(schema, style);
    default:
      return "unknown";
  }
}

/** What a schema may be one of, choices among choices too. */
function choicesOf(schema: Schema): Schema[] {
  const { anyOf, oneOf, type } = schema;
  if (Array.isArray(type)) return type.map((one) => ({ ...schema, type: one }));
  return (anyOf ?? oneOf)?.flatMap(choicesOf) ?? [schema];
}

const unionText = (types: readonly string[]): string => [...new Set(types)].join(" | ");
const arrayText = (item: string): string => (/^\w+$/.test(item) ? `${item}[]` : `Array<${item}>`);

function objectText(schema: Schema, style: Style): string {
  const { properties, additionalProperties, patternProperties } = schema;
  if (properties && Object.keys(properties).length > 0) return `{\n${fieldsText(schema, style)}\n}`;
  const values = Object.values(patternProperties ?? {})[0] ?? additionalProperties;
  const value = typeof values === "object" ? typeText(values, style) : "unknown";
  return `Record<string, ${value}>`;
}

function fieldsText({ properties = {}, required = [] }: Schema, style: Style): string {
  return Object.entries(properties)
    .map(([name, field]) => {
      const isOptional = !required.includes(name);
      const type = unionText([typeText(field, style), ...(isOptional ? ["undefined"] : [])]);
      return `${commentText(field.description)}${quoted(name)}${isOptional ? "?" : ""}: ${type};`;
    })
    .join("\n")
    .replace(/^/gm, "  ");
}

const commentText = (description: string | undefined): string =>
  description ? `/** ${description.replaceAll("*/", "*\\/").replaceAll("\n", " ")} */\n` : "";

/** A schema as an interface, or as an alias when it is no plain object. */
export function interfaceText(name: string, schema: Schema, style: Style): string {
  const comment = commentText(schema.description);
  if (!schema.properties) return `${comment}export type ${name} = ${typeText(schema, style)};\n`;
  return `${comment}export interface ${name} {\n${fieldsText(schema, style)}\n}\n`;
}

/** An interface for each object that says what it is, wherever it stands in the answers. Kinds of one object that differ are one interface. */
export function objectTypes(answers: readonly Schema[]): string[] {
  const kinds = new Map<string, Schema[]>();
  for (const answer of answers) collect(answer, kinds);
  const objects = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1));
  const list = `/** A list that is not read in pages. */\nexport interface List<T> {
  object: "list";
  data: T[];
  has_more: boolean;
  url: string;
}

/** What a method is given that has no parameters. */
export type NoParams = Record<string, never>;
`;
  return [list, ...objects.map(([literal, variants]) => interfaceText(nameOf(literal), merged(variants), "named"))];
}

function collect(schema: Schema, kinds: Map<string, Schema[]>): void {
  const literal = literalOf(schema);
  if (literal) kinds.set(literal, [...(kinds.get(literal) ?? []), schema]);
  const { properties = {}, items, additionalProperties, anyOf = [], oneOf = [], allOf = [] } = schema;
  const parts = [...Object.values(properties), ...anyOf, ...oneOf, ...allOf];
  if (items) parts.push(items);
  if (typeof additionalProperties === "object") parts.push(additionalProperties);
  for (const part of parts) collect(part, kinds);
}

/** Every field of the variants; one that a variant lacks is optional. */
function merged(variants: readonly Schema[]): Schema {
  const names = [...new Set(variants.flatMap(({ properties = {} }) => Object.keys(properties)))].sort();
  const properties = Object.fromEntries(
    names.map((name) => {
      const fields = variants.flatMap(({ properties = {} }) => properties[name] ?? []);
      const types = new Map(fields.map((field) => [typeText(field, "named"), field]));
      const [only] = types.values();
      const description = fields.find((field) => field.description)?.description;
      return [
        name,
        types.size === 1 && only ? only : { anyOf: [...types.values()], ...(description && { description }) },
      ];
    }),
  );
  const required = names.filter((name) => variants.every((variant) => variant.required?.includes(name)));
  const description = variants.find((variant) => variant.description)?.description;
  return { type: "object", properties, required, ...(description && { description }) };
}
