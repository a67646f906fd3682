import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Engine } from '../engine/engine.ts';
import { computeReorder, reorderList, setReorder, unsetReorder } from '../engine/reorder.ts';
import { needs } from './keys.ts';

const where = z.object({
  sku: z.string().min(1),
  location: z.string().min(1).describe('The name of one of our locations.'),
});
const days = z.number().min(0).max(1_000);

/** When to order again, and how much. */
export async function reorderRoutes(server: FastifyInstance, { engine }: { engine: Engine }): Promise<void> {
  const { context, reorder } = engine;
  const api = server.withTypeProvider<ZodTypeProvider>();
  const read = { onRequest: needs(context.db, 'read') };
  const write = { onRequest: needs(context.db, 'stock') };
  const operate = { onRequest: needs(context.db, 'operate') };

  api.get(
    '/v1/reorder',
    {
      ...read,
      schema: {
        summary: 'What to order now, or every item with a reorder point',
        querystring: z.object({
          show: z.enum(['low', 'all']).default('low'),
          location: z.string().min(1).optional(),
          limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
        }),
      },
    },
    async ({ query }) => ({
      asOf: new Date(context.clock.now()).toISOString(),
      // Whoever is told when something falls to its point, by its host alone.
      notify: (await reorder.receiver.load())?.host ?? null,
      items: await reorderList(context.db, { ...query, low: query.show === 'low' }),
    }),
  );

  api.post(
    '/v1/reorder',
    {
      ...write,
      schema: {
        summary: 'Says by hand when to order an item again at a location, and up to what',
        body: where.extend({
          point: z.number().describe('Order when what is available is at or below this.'),
          upTo: z.number().describe('Order up to this.'),
        }),
      },
    },
    async ({ body, keyName }) => {
      await setReorder(context, { ...body, by: keyName });
      return { done: `${body.sku} at ${body.location}: at ${body.point} order up to ${body.upTo}` };
    },
  );

  api.post(
    '/v1/reorder/computed',
    {
      ...write,
      schema: {
        summary: 'Computes when to order again from the sales of the last 56 days, now and every day',
        body: where.extend({
          leadDays: days.describe('From ordering to having it on the shelf.'),
          leadDeviationDays: days.default(0).describe('Standard deviation of the lead time.'),
          service: z
            .number()
            .min(0.5)
            .max(0.9999)
            .describe('Share of replenishments during which nothing runs out: 0.95.'),
          reviewDays: days.default(7).describe('Days between two orders: how much one order brings.'),
        }),
      },
    },
    async ({ body: { sku, location, ...rule }, keyName }) => {
      const line = await computeReorder(context, { sku, location, rule, by: keyName });
      return { ...line, done: `${sku} at ${location}: at ${line.point} order up to ${line.upTo}` };
    },
  );

  api.delete(
    '/v1/reorder',
    { ...write, schema: { summary: 'An item is no longer looked at there', querystring: where } },
    async ({ query }) => {
      await unsetReorder(context, query);
      return { done: `${query.sku} has no reorder point at ${query.location} any more` };
    },
  );

  api.post(
    '/v1/reorder/notify',
    {
      ...operate,
      schema: {
        summary: 'Says who is told, by a signed webhook, when something falls to its point; sends a first one',
        body: z.object({
          url: z.string().max(2_000),
          secret: z.string().optional().describe('whsec_… of Standard Webhooks; made, and shown once, if left out.'),
        }),
      },
    },
    async ({ body, keyName }) => {
      const { secret, ok, said } = await reorder.receiver.save({ ...body, by: keyName });
      return { ...(body.secret === undefined && { secret }), test: { ok, said } };
    },
  );

  api.delete(
    '/v1/reorder/notify',
    { ...operate, schema: { summary: 'Nobody is told any more; what was on its way is forgotten' } },
    async ({ keyName }) => {
      await reorder.receiver.forget(keyName);
      return { done: 'nobody is told any more' };
    },
  );
}
