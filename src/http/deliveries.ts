import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Account } from '../engine/context.ts';
import type { Engine } from '../engine/engine.ts';
import type { Delivery } from '../platform/contract.ts';

/** More than any vendor's webhook: Shopify's largest orders are under 1 MiB. */
export const DELIVERY_MAX_BYTES = 2 * 1024 * 1024;

/** From here on (this server, or this part of one) bodies stay raw bytes until they are verified. */
export function takeRawBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

/** Hands a delivery to the account it is for; answers as the engine says, once it is durable or refused. */
export async function answerDelivery(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  accountOf: (delivery: Delivery) => Account | undefined,
) {
  const delivery = toDelivery(engine, request);
  const account = accountOf(delivery);
  // A wrong address and an unknown account look the same from outside.
  if (!account) return reply.code(404).send({ error: 'not-found' });
  const { status, headers, body } = await engine.accept(account, delivery);
  return reply
    .code(status)
    .headers(headers ?? {})
    .send(body ?? '');
}

function toDelivery(engine: Engine, request: FastifyRequest): Delivery {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return {
    method: request.method,
    path: request.url,
    headers,
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    receivedAt: new Date(engine.context.clock.now()).toISOString(),
  };
}
