import type { FastifyInstance } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import { answerDelivery, DELIVERY_MAX_BYTES, takeRawBodies } from './deliveries.ts';

/**
 * Addresses of our own for systems that are on no list (`POST /v1/orders`, `POST /v1/levels`), on the entrance for webhooks
 * and on the API alike. No key is needed: the signature is the proof. Which addresses, and how a delivery names its account,
 * say the platforms.
 */
export async function customRoutes(server: FastifyInstance, { engine }: { engine: Engine }): Promise<void> {
  takeRawBodies(server);
  for (const platform of engine.options.platforms)
    for (const url of platform.facts.hooks.paths ?? [])
      server.post(
        url,
        {
          bodyLimit: DELIVERY_MAX_BYTES,
          // Whoever sends a backlog after an outage must not be told "too much" by us.
          config: { rateLimit: false },
          schema: {
            summary: `Signed messages of ${platform.facts.name.toLowerCase()}`,
            description: `${platform.facts.hooks.signature ?? 'Not signed'}. Answered 200 once durable, 400 when not understood, 401 when not authentic, 404 for an account that is not connected.`,
            security: [],
          },
        },
        (request, reply) =>
          answerDelivery(engine, request, reply, (delivery) => {
            const account = platform.accountOf?.(delivery);
            return account === undefined ? undefined : engine.registry.byKey(platform.facts.id, account);
          }),
      );
}
