import type { ErrorEntry, ErrorType } from "#kit/errors.ts";
import { camel, capital, interfaceText, itemOf, objectTypes, type Schema, typeText } from "./sdk-types.ts";

/**
 * Writes the generated half of the SDK from the OpenAPI document: the types of all objects, and a method for each operation. Names follow
 * from method and path, so that an endpoint that is new in the server is new in the SDK after `npm run generate`.
 */

interface Parameter {
  in?: string;
  name?: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}

type Content = Record<string, { schema?: Schema }>;

interface OpenApiOperation {
  summary?: string;
  description?: string;
  parameters?: readonly Parameter[];
  requestBody?: { content: Content; required?: boolean };
  responses: Record<string, { content?: Content }>;
  security?: readonly object[];
}

export interface OpenApi {
  paths: Record<string, Record<string, OpenApiOperation>>;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  /** `["payments", "create"]`: where the method stands in the client. */
  readonly name: readonly string[];
  readonly pathParameters: readonly string[];
  readonly params: Schema | undefined;
  readonly headers: readonly string[];
  readonly hasBody: boolean;
  readonly answer: Schema | undefined;
  /** What it may answer instead of what was asked for: an approval that waits. */
  readonly otherAnswers: readonly Schema[];
  readonly text: string;
  /** Answered to anyone: such a request has no owner who could have an idempotency key. */
  readonly open: boolean;
}

/** Said in `RequestOptions`, or set by the client itself. */
const headersOfTheCore = ["idempotency-key", "feiqian-version", "accept-language", "last-event-id", "authorization"];
/** Written by hand in the SDK, or of no use in it. */
const leftOut = ["/v1/stream", "/v1/openapi.json", "/healthz", "/readyz", "/metrics"];
/** Names that don't follow from the path. */
const ownNames: Record<string, readonly string[]> = {
  "post /v1/test_clock": ["testClock", "advance"],
  "post /v1/devices/{id}/code_alias": ["devices", "codeAlias"],
  "post /v1/collect/resolve": ["collectCodes", "resolve"],
  "post /v1/sessions/passkey/options": ["sessions", "passkeyOptions"],
  "post /v1/users/me/passkeys/options": ["users", "me", "passkeys", "options"],
};

const errorTypes = [
  "authentication",
  "conflict",
  "invalid_request",
  "not_found",
  "payment_refused",
  "permission",
  "platform",
  "rate_limit",
] as const satisfies ErrorType[];

const isParameter = (segment: string): boolean => segment.startsWith("{");

/**
 * `POST /v1/payments` is `payments.create`, `GET /v1/payments/{id}` `payments.retrieve`, `POST /v1/payments/{id}/capture`
 * `payments.capture`, `GET /v1/qr_codes/{id}/png` (a file) `qrCodes.png`; what is in the singular and posted to is an act, the rest are things.
 */
function methodName(method: string, path: string, siblings: Record<string, OpenApiOperation>): readonly string[] {
  const own = ownNames[`${method} ${path}`];
  if (own) return own;
  const segments = path.split("/").slice(2);
  const last = segments.at(-1) ?? "";
  const words = segments.filter((segment) => !isParameter(segment)).map(camel);
  const onOne = isParameter(last);
  switch (method) {
    case "get":
      if (!answerOf(siblings.get)) return words;
      return [...words, onOne || !itemOf(answerOf(siblings.get)) ? "retrieve" : "list"];
    case "post":
      return last.endsWith("s") || siblings.get ? [...words, "create"] : words;
    case "put":
      return [...words, "set"];
    case "patch":
      return [...words, "update"];
    case "delete":
      return [...words, "delete"];
    default:
      throw new Error(`${method} ${path}: the SDK has no name for this method`);
  }
}

/** What success may look like: what was asked for stands first. */
function answersOf(operation: OpenApiOperation | undefined): Schema[] {
  const successes = Object.entries(operation?.responses ?? {}).filter(([status]) => status.startsWith("2"));
  return successes.flatMap(([, { content }]) => content?.["application/json"]?.schema ?? []);
}

const answerOf = (operation: OpenApiOperation | undefined): Schema | undefined => answersOf(operation)[0];

function operationsOf(openApi: OpenApi): Operation[] {
  const operations: Operation[] = [];
  for (const [path, item] of Object.entries(openApi.paths)) {
    if (leftOut.includes(path)) continue;
    for (const [method, operation] of Object.entries(item)) operations.push(read(method, path, operation, item));
  }
  return operations;
}

function read(
  method: string,
  path: string,
  operation: OpenApiOperation,
  siblings: Record<string, OpenApiOperation>,
): Operation {
  const { parameters = [], requestBody } = operation;
  const headers = parameters.filter(
    (one) => one.in === "header" && !headersOfTheCore.includes(String(one.name).toLowerCase()),
  );
  const query = parameters.filter((one) => one.in === "query");
  const body = requestBody?.content["application/json"]?.schema;
  const [answer, ...otherAnswers] = answersOf(operation);
  if (body && query.length > 0) throw new Error(`${method} ${path} has a body and a query: the SDK knows one of them`);
  return {
    method,
    path,
    name: methodName(method, path, siblings),
    pathParameters: path
      .split("/")
      .filter(isParameter)
      .map((segment) => camel(segment.slice(1, segment.indexOf("}")))),
    params: withParameters(body, [...query, ...headers]),
    headers: headers.map(({ name = "" }) => name),
    hasBody: body !== undefined,
    answer,
    otherAnswers,
    text: textOf(operation),
    open: operation.security?.length === 0 && !parameters.some(({ name }) => name?.toLowerCase() === "idempotency-key"),
  };
}

/** A comment of one line: long lists are for the documentation. */
function textOf({ summary, description = "" }: OpenApiOperation): string {
  const paragraphs = description.split("\n\n").filter((paragraph) => paragraph && !paragraph.includes("\n- "));
  const sentences = [summary, ...paragraphs].filter((text) => text !== undefined);
  return sentences.map((text) => text.replaceAll("\n", " ").replace(/\.$/, "")).join(". ");
}

/** The fields of the body, the query and the headers in one object. */
function withParameters(body: Schema | undefined, parameters: readonly Parameter[]): Schema | undefined {
  if (parameters.length === 0) return body;
  const named = parameters.map(({ name = "", schema, description, required }) => ({
    field: fieldOf(name),
    schema: { ...schema, ...(description && { description }) },
    required,
  }));
  return {
    type: "object",
    properties: { ...body?.properties, ...Object.fromEntries(named.map(({ field, schema }) => [field, schema])) },
    required: [...(body?.required ?? []), ...named.filter(({ required }) => required).map(({ field }) => field)],
  };
}

/** `expand[]` is `expand`, the header `payment-key` is `payment_key`. */
const fieldOf = (name: string): string => name.replace(/\[\]$/, "").toLowerCase().replaceAll("-", "_");

type Tree = Map<string, Tree | Operation>;

function treeOf(operations: readonly Operation[]): Tree {
  const root: Tree = new Map();
  for (const operation of operations) {
    let at = root;
    for (const word of operation.name.slice(0, -1)) {
      const next = at.get(word) ?? new Map();
      if (!(next instanceof Map)) throw new Error(`${operation.name.join(".")}: ${word} is an operation already`);
      at.set(word, next);
      at = next;
    }
    const last = operation.name.at(-1) ?? "";
    if (at.has(last)) throw new Error(`${operation.name.join(".")} stands for two things`);
    at.set(last, operation);
  }
  return root;
}

const typeName = ({ name }: Operation, ending: string): string => name.map(capital).join("") + ending;

function operationText(operation: Operation): string {
  const { params, pathParameters, headers } = operation;
  const words = pathParameters.map((name) => `${name}: string`);
  // One that takes nothing today may take something tomorrow, and the options stay where they are.
  words.push(
    params
      ? `params: types.${typeName(operation, "Params")}${params.required?.length ? "" : " = {}"}`
      : "_params: types.NoParams = {}",
  );
  words.push("options?: RequestOptions");
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => `\${encodeURIComponent(${camel(name)})}`);
  const sent = headers.length > 0 ? "rest" : "params";
  const asked = [
    `method: "${operation.method.toUpperCase()}"`,
    `path: \`${path}\``,
    ...(params ? [`${operation.hasBody ? "body" : "query"}: ${sent}`] : []),
    ...(headers.length > 0 ? [`headers: { ${headers.map((name) => `"${name}": ${fieldOf(name)}`).join(", ")} }`] : []),
    ...(operation.open ? ["open: true"] : []),
  ].join(", ");
  const call = `api.${verbOf(operation)}({ ${asked} }, options)`;
  const docs = `/** ${operation.text || operation.path} (\`${operation.method.toUpperCase()} ${operation.path}\`) */\n`;
  if (headers.length === 0) return `${docs}${operation.name.at(-1)}: (${words.join(", ")}) => ${call},`;
  const split = `const { ${headers.map(fieldOf).join(", ")}, ...rest } = params;`;
  return `${docs}${operation.name.at(-1)}: (${words.join(", ")}) => {\n${split}\nreturn ${call};\n},`;
}

/** How the core asks: for pages, for one object, or for a file. */
function verbOf(operation: Operation): string {
  const { answer, otherAnswers, params } = operation;
  if (!answer) return "download";
  const item = itemOf(answer);
  if (item && params?.properties?.starting_after) return `pages<${answerTypeText(item)}>`;
  if (item) return `call<List<${answerTypeText(item)}>>`;
  const named = answer.properties?.object?.enum?.length === 1;
  const asked = named ? answerTypeText(answer) : `types.${typeName(operation, "Answer")}`;
  return `call<${[asked, ...otherAnswers.map(answerTypeText)].join(" | ")}>`;
}

const answerTypeText = (schema: Schema): string => {
  const text = typeText(schema, "named");
  return /^[A-Z]\w*$/.test(text) ? `types.${text}` : text;
};

/** Where another answer is possible, one that does not say what it is says that much: comparing `object` tells them apart. */
function toldApart({ answer = {}, otherAnswers }: Operation): Schema {
  if (otherAnswers.length === 0 || !answer.properties || answer.properties.object) return answer;
  return { ...answer, properties: { object: { not: {} }, ...answer.properties } };
}

function treeText(tree: Tree): string {
  return [...tree]
    .map(([word, node]) => (node instanceof Map ? `${word}: {\n${treeText(node)}\n},` : operationText(node)))
    .join("\n");
}

const title = (command: string): string => `// Made by \`${command}\` from the server's code; not to be edited.\n`;

/** The SDK's generated files by their paths. */
export function sdkDocuments(
  openApi: OpenApi,
  errors: readonly (readonly [string, ErrorEntry])[],
  command: string,
): Record<string, string> {
  const operations = operationsOf(openApi);
  const params = operations.flatMap((operation) =>
    operation.params ? [interfaceText(typeName(operation, "Params"), operation.params, "inline")] : [],
  );
  const answers = operations
    .filter((operation) => verbOf(operation).includes(`types.${typeName(operation, "Answer")}`))
    .map((operation) => interfaceText(typeName(operation, "Answer"), toldApart(operation), "named"));
  const objects = objectTypes([
    ...operations.flatMap(({ answer }) => answer ?? []),
    ...operations.flatMap(({ otherAnswers }) => otherAnswers),
  ]);
  const resources = `import type { Api, List, RequestOptions } from "../api.ts";
import type * as types from "./types.ts";

/** A method for each operation of the API. */
export const resources = (api: Api) => ({
${treeText(treeOf(operations))}
});
`;
  return {
    "sdk/src/generated/types.ts": [title(command), ...objects, ...answers, ...params].join("\n"),
    "sdk/src/generated/resources.ts": `${title(command)}\n${indented(resources)}`,
    "sdk/src/generated/error-codes.ts": `${title(command)}\n${errorCodesText(errors)}`,
  };
}

/** Indents by the braces at the ends of lines. */
function indented(text: string): string {
  let depth = 0;
  return text
    .split("\n")
    .map((line) => {
      if (/^[})]/.test(line)) depth--;
      const shown = line ? `${"  ".repeat(depth)}${line}` : line;
      if (/[{(]$/.test(line)) depth++;
      return shown;
    })
    .join("\n");
}

function errorCodesText(errors: readonly (readonly [string, ErrorEntry])[]): string {
  const lines = errorTypes.map((type) => {
    const codes = errors.filter(([, entry]) => entry.type === type).map(([code]) => `\n    | ${JSON.stringify(code)}`);
    return `  ${type}:${codes.join("") || " string"};`;
  });
  return `/** The codes of each type of error, as \`docs/errors.md\` lists them. */
export interface ErrorCodes {
${lines.join("\n")}
}
`;
}
