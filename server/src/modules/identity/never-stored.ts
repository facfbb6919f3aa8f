import type { FastifyReply, FastifyRequest } from "#kit/http.ts";

/** Tokens and other secrets stay out of caches (RFC 6749, section 5.1). */
export const neverStored = async (_request: FastifyRequest, reply: FastifyReply): Promise<void> => {
  reply.header("Cache-Control", "no-store");
};
