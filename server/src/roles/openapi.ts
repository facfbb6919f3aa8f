import type { FastifyDynamicSwaggerOptions, SwaggerTransform } from "@fastify/swagger";
import { apiVersion, type Http } from "#kit/http.ts";
import { ErrorAnswer } from "#kit/schemas.ts";

/** The OpenAPI document: what the routes' schemas say, with what holds for all of them. It is committed as `sdk/openapi.json`. */
export type Document = object;

interface Operation {
  operationId?: string;
  parameters?: object[];
  responses: Record<string, object>;
}

/** Who may call a route stands in its configuration, not in its schema. */
const describeAccess: SwaggerTransform = ({ schema, url, route }) => {
  const access = route.config?.access;
  if (!access || access.kinds.length === 0) return { schema: { ...schema, security: [] }, url };
  const scope = access.scope && `Needs the permission \`${access.scope}\`.`;
  const description = [schema?.description, scope].filter(Boolean).join("\n\n");
  const security = access.kinds.map((kind) => ({ [kind]: [] }));
  const permission = access.scope && { "x-permission": access.scope };
  return { schema: { ...schema, security, ...(description && { description }), ...permission }, url };
};

/** Options of `@fastify/swagger`, which collects the routes. */
export const openApi: FastifyDynamicSwaggerOptions = {
  transform: describeAccess,
  openapi: {
    openapi: "3.1.0",
    info: {
      title: "Feiqian",
      version: apiVersion,
      description: "Open, self-hosted mobile payment platform. Errors are listed in `/docs/errors`.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    components: {
      securitySchemes: {
        merchant: { type: "http", scheme: "bearer", description: "A merchant's API key: `sk_test_…` or `sk_live_…`" },
        terminal: { type: "http", scheme: "bearer", description: "A till's token: `tt_test_…` or `tt_live_…`" },
        user: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "A user's access token" },
        payer: { type: "apiKey", in: "header", name: "Payment-Key", description: "The key of one order: `pk_…`" },
        staff: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "A staff access token" },
      },
      parameters: {
        IdempotencyKey: {
          in: "header",
          name: "Idempotency-Key",
          description: "1 to 255 visible characters: a repetition with the same key and body gets the same answer",
          schema: { type: "string" },
        },
      },
      responses: {
        Error: { description: "See `/docs/errors`", content: { "application/json": { schema: ErrorAnswer } } },
      },
    },
  },
};

const methods = ["get", "post", "put", "patch", "delete"];

/** The document of a server that is ready: every operation named, with its errors; keys sorted, so that two versions compare line by line. */
export function openApiDocument(app: Http): Document {
  const document = structuredClone<unknown>(app.swagger()) as { paths: Record<string, Record<string, Operation>> };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (!methods.includes(method)) continue;
      operation.operationId = operationId(method, path);
      operation.responses.default = { $ref: "#/components/responses/Error" };
      if (method === "post" && !operation.parameters?.some(isIdempotencyKey))
        operation.parameters = [...(operation.parameters ?? []), { $ref: "#/components/parameters/IdempotencyKey" }];
    }
  }
  return sorted(document) as Document;
}

/** `GET /v1/payments/{id}` is `getPaymentsById`. */
function operationId(method: string, path: string): string {
  const words = path
    .replace(/^\/v1/, "")
    .replace(/\{(\w+)\}/g, "by_$1")
    .split(/[/_.]+/)
    .filter(Boolean);
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

const isIdempotencyKey = (parameter: object): boolean =>
  "name" in parameter && String(parameter.name).toLowerCase() === "idempotency-key";

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sorted(field)]),
  );
}
