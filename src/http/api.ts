import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Engine } from '../engine/engine.ts';
import { backupRoute } from './backup-route.ts';
import { channelRoutes } from './channel-routes.ts';
import { customRoutes } from './custom-routes.ts';
import { errorAnswer } from './error-answers.ts';
import { eventRoutes } from './event-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { sessionRoute } from './keys.ts';
import { openApi } from './openapi.ts';
import { pageRoutes } from './page-routes.ts';
import { reorderRoutes } from './reorder-routes.ts';
import { stockRoutes } from './stock-routes.ts';

/**
 * REST, event stream, health and pages: on loopback until an owner decides otherwise. OpenAPI 3.1 comes from the schemas
 * that validate. `more`: routes beside these (the demo's buttons).
 */
export async function apiServer(
  engine: Engine,
  version: string,
  more?: (server: FastifyInstance) => Promise<void>,
): Promise<FastifyInstance> {
  const server = Fastify({
    logger: false,
    bodyLimit: 1024 * 1024,
    requestTimeout: 30_000,
  }).withTypeProvider<ZodTypeProvider>();
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  await server.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        'default-src': ["'self'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'upgrade-insecure-requests': null,
      },
    },
    strictTransportSecurity: false,
  });
  await server.register(rateLimit, { max: 1_200, timeWindow: '1 minute' });
  await server.register(swagger, openApi(version));
  server.setErrorHandler((error, _request, reply) => {
    const { status, body } = errorAnswer(error);
    if (status === 500) engine.context.log.error({ err: error }, 'a request failed');
    return reply.code(status).send(body);
  });
  server.setNotFoundHandler((request, reply) => {
    const { status, body } = errorAnswer({
      statusCode: 404,
      message: `There is no ${request.method} ${path(request)}.`,
    });
    return reply.code(status).send(body);
  });
  await server.register(sessionRoute, { db: engine.context.db });
  await server.register(healthRoutes, { engine });
  await server.register(stockRoutes, { engine });
  await server.register(reorderRoutes, { engine });
  await server.register(channelRoutes, { engine });
  await server.register(backupRoute, { engine });
  await server.register(eventRoutes, { engine });
  await server.register(customRoutes, { engine });
  await server.register(pageRoutes);
  if (more) await server.register(more);
  server.get('/v1/openapi.json', { schema: { hide: true } }, () => server.swagger());
  return server as unknown as FastifyInstance;
}

/** Without the query, which may hold what somebody typed. */
const path = (request: FastifyRequest) => request.url.split('?', 1)[0];
