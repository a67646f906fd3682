import Fastify, { type FastifyInstance } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import { customRoutes } from './custom-routes.ts';
import { answerDelivery, DELIVERY_MAX_BYTES, takeRawBodies } from './deliveries.ts';

/**
 * The webhook entrance, on a listener of its own: the only one a tunnel or proxy is pointed at. It knows nothing but
 * `/hooks/…` and the signed addresses of custom-routes.ts; bodies stay raw bytes until they are verified.
 */
export function hookServer(engine: Engine): FastifyInstance {
  const server = Fastify({
    bodyLimit: DELIVERY_MAX_BYTES,
    logger: false,
    requestTimeout: 15_000,
    exposeHeadRoutes: false,
  });
  takeRawBodies(server);
  server.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500)
      engine.context.log.error({ err: error }, 'a delivery could not be stored; the sender will try again');
    void reply.code(status).send({
      error: status === 413 ? 'too-large' : status >= 500 ? 'not-stored' : 'malformed',
      next: status === 413 ? `Deliveries of more than ${DELIVERY_MAX_BYTES} bytes are not taken.` : 'Send it again.',
    });
  });
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not-found' }));
  server.route({
    method: ['POST', 'PUT', 'GET'],
    url: '/hooks/:platform/:key',
    handler: async (request, reply) => {
      const { platform, key } = request.params as { platform: string; key: string };
      return answerDelivery(engine, request, reply, () => engine.registry.byHookKey(platform, key));
    },
  });
  server.route({
    method: ['POST', 'PUT', 'GET'],
    url: '/hooks/:platform',
    handler: async (request, reply) => {
      const { platform } = request.params as { platform: string };
      return answerDelivery(engine, request, reply, (delivery) => engine.registry.forDelivery(platform, delivery));
    },
  });
  void server.register(customRoutes, { engine });
  return server;
}
