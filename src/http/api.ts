import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { Engine } from '../engine/engine.ts';
import { UserError } from '../engine/user-error.ts';
import { channelRoutes } from './channel-routes.ts';
import { customRoutes } from './custom-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { sessionRoute } from './keys.ts';
import { pageRoutes } from './page-routes.ts';
import { stockRoutes } from './stock-routes.ts';

/** REST, event stream, health and pages: on loopback until an owner decides otherwise. OpenAPI 3.1 comes from the schemas that validate. */
export async function apiServer(engine: Engine, version: string): Promise<FastifyInstance> {
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
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Onhand', version, description: 'One ledger of stock, every sales channel told.' },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
  });
  server.setErrorHandler((error, _request, reply) => {
    if (error instanceof UserError)
      return reply.code(error.status).send({ error: error.code, message: error.message, next: error.next });
    if (hasZodFastifySchemaValidationErrors(error))
      return reply.code(400).send({
        error: 'invalid-request',
        message: error.validation
          .map((one) => `${one.instancePath.slice(1).replaceAll('/', '.') || 'body'}: ${one.message}`)
          .join('; '),
        next: 'See /v1/openapi.json for what is expected.',
      });
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status >= 500) engine.context.log.error({ err: error }, 'a request failed');
    return reply.code(status).send({
      error: status >= 500 ? 'internal' : 'request-refused',
      message: status >= 500 ? 'Something went wrong here.' : (error as Error).message,
      next: status >= 500 ? 'Look at the log of "onhand serve"; nothing was half done.' : 'Correct the request.',
    });
  });
  await server.register(sessionRoute, { db: engine.context.db });
  await server.register(healthRoutes, { engine });
  await server.register(stockRoutes, { engine });
  await server.register(channelRoutes, { engine });
  await server.register(eventRoutes, { engine });
  await server.register(customRoutes, { engine });
  await server.register(pageRoutes);
  server.get('/v1/openapi.json', { schema: { hide: true } }, () => server.swagger());
  return server as unknown as FastifyInstance;
}
