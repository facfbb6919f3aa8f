import { type Access, actorOf, allow, authorize } from "#kit/access.ts";
import { type Actor, ownerOf } from "#kit/actor.ts";
import type { FastifyReply, FastifyRequest, Http } from "#kit/http.ts";
import { log } from "#kit/log.ts";
import { notificationErrors } from "./errors.ts";
import { Listener } from "./listener.ts";
import { catchUp } from "./resume.ts";
import { ReadStream } from "./schemas.ts";
import { streams } from "./stream-hub.ts";

const mostOfOwner = 20;
const mostInProcess = 5_000;
/** How often a quiet stream says that it is there, and whether its key or token still holds is looked at. */
const beatEveryMs = 15_000;

/** `GET /v1/stream`: what happens, as it happens, for a merchant, a user or staff. */
export function streamRoutes(app: Http): void {
  const config = allow(["merchant", "user", "staff"], "events:read");
  let closing = false;
  app.get("/v1/stream", { schema: ReadStream, config }, async (request, reply) => {
    const lastId = request.headers["last-event-id"];
    const listener = await listen(actorOf(request, "merchant", "user", "staff"), config.access, request, reply, lastId);
    if (closing) listener.end();
  });

  // A stream is never idle: without this the server would wait for its clients to go.
  app.addHook("preClose", (done) => {
    closing = true;
    for (const listener of streams.all) listener.end();
    done();
  });
}

const open = new Map<string, number>();

async function listen(
  actor: Actor,
  access: Access,
  request: FastifyRequest,
  reply: FastifyReply,
  lastId: string | undefined,
): Promise<Listener> {
  const leave = enter(actor);
  const listener = new Listener(actor, reply.raw);
  try {
    listener.hold();
    const from = await streams.join(listener);
    begin(reply);
    const beating = setInterval(
      () =>
        void stillMay(request, access).then(
          () => listener.beat(),
          () => listener.end(),
        ),
      beatEveryMs,
    );
    reply.raw.once("close", () => {
      clearInterval(beating);
      streams.leave(listener);
      leave();
    });
    if (reply.raw.destroyed) reply.raw.emit("close");
    if (lastId !== undefined) await catchUp(listener, lastId, from);
    listener.release();
  } catch (error) {
    leave();
    if (!reply.sent) throw error;
    log.warn({ err: error }, "a stream could not be resumed");
    listener.end();
  }
  return listener;
}

/** Takes one of the places there are; gives how to leave it. */
function enter(actor: Actor): () => void {
  const { ownerId, livemode } = ownerOf(actor);
  const owner = `${ownerId} ${livemode}`;
  const ofOwner = open.get(owner) ?? 0;
  const inProcess = [...open.values()].reduce((sum, count) => sum + count, 0);
  if (ofOwner >= mostOfOwner || inProcess >= mostInProcess) {
    throw notificationErrors.stream_limit({ retryAfter: 5, details: { limit: mostOfOwner } });
  }
  open.set(owner, ofOwner + 1);
  let left = false;
  return () => {
    if (left) return;
    left = true;
    const rest = (open.get(owner) ?? 1) - 1;
    if (rest > 0) open.set(owner, rest);
    else open.delete(owner);
  };
}

/** Throws when the key or token that opened the stream has ended. */
const stillMay = async (request: FastifyRequest, access: Access): Promise<void> => authorize(request, access);

/** Answers with a stream; Fastify has nothing more to do with it. */
function begin(reply: FastifyReply): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  raw.write("retry: 1000\n\n");
  raw.socket?.setNoDelay(true);
}
