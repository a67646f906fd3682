import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Account } from '../engine/context.ts';
import type { Engine } from '../engine/engine.ts';
import type { Delivery } from '../platform/contract.ts';

/** More than any vendor's webhook: Shopify's largest orders are under 1 MiB. */
const BODY_MAX_BYTES = 2 * 1024 * 1024;

/**
 * The webhook entrance, on a listener of its own: the only one a tunnel or proxy is pointed at. It knows nothing but
 * `/hooks/…`; bodies stay raw bytes until they are verified.
 */
export function hookServer(engine: Engine): FastifyInstance {
  const server = Fastify({ bodyLimit: BODY_MAX_BYTES, logger: false, requestTimeout: 15_000, exposeHeadRoutes: false });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500)
      engine.context.log.error({ err: error }, 'a delivery could not be stored; the sender will try again');
    void reply.code(status).send({
      error: status === 413 ? 'too-large' : status >= 500 ? 'not-stored' : 'malformed',
      next: status === 413 ? `Deliveries of more than ${BODY_MAX_BYTES} bytes are not taken.` : 'Send it again.',
    });
  });
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not-found' }));
  server.route({
    method: ['POST', 'PUT', 'GET'],
    url: '/hooks/:platform/:key',
    handler: async (request, reply) => {
      const { platform, key } = request.params as { platform: string; key: string };
      return answer(engine, request, reply, () => engine.registry.byHookKey(platform, key));
    },
  });
  server.route({
    method: ['POST', 'PUT', 'GET'],
    url: '/hooks/:platform',
    handler: async (request, reply) => {
      const { platform } = request.params as { platform: string };
      return answer(engine, request, reply, (delivery) => engine.registry.forDelivery(platform, delivery));
    },
  });
  return server;
}

async function answer(
  engine: Engine,
  request: FastifyRequest,
  reply: import('fastify').FastifyReply,
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
