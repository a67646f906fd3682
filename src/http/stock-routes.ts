import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { quantity } from '../domain/quantity.ts';
import type { Engine } from '../engine/engine.ts';
import { reorderLinesOf } from '../engine/reorder.ts';
import { addHold, adjust, count, endHold, findItem, openStock, receive, transfer } from '../engine/stock.ts';
import { UserError } from '../engine/user-error.ts';
import { why } from '../engine/why.ts';
import { listLocationRows } from '../store/catalogue.ts';
import { levelsAtTime } from '../store/history.ts';
import { lastSales, stockRows, stockRowsMoved } from '../store/overview.ts';
import { needs } from './keys.ts';

const units = z.number().describe('Units, at most five decimals.');
const change = z.object({
  sku: z.string().min(1),
  location: z.string().min(1).describe('The name of one of our locations.'),
  units,
  note: z.string().max(500).optional(),
});
const search = z.object({
  search: z.string().default('').describe('Part of a SKU or title.'),
  after: z.string().default('').describe('The last SKU of the page before.'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  order: z
    .enum(['sku', 'moved'])
    .default('sku')
    .describe('By SKU, page by page; or what moved last first: one page, without a search.'),
});

/** Stock as people see and change it. */
export async function stockRoutes(server: FastifyInstance, { engine }: { engine: Engine }): Promise<void> {
  const { context, registry } = engine;
  const api = server.withTypeProvider<ZodTypeProvider>();
  const read = { onRequest: needs(context.db, 'read') };
  const write = { onRequest: needs(context.db, 'stock') };
  const now = () => new Date(context.clock.now()).toISOString();

  api.get(
    '/v1/stock',
    { ...read, schema: { summary: 'Items with their levels and what every channel shows', querystring: search } },
    async ({ query }) => {
      const latest = query.order === 'moved' && query.search === '';
      const rows = latest
        ? await stockRowsMoved(context.db, query.limit)
        : await stockRows(context.db, query.search, query.after, query.limit);
      const locations = await listLocationRows(context.db);
      const names = new Map(locations.map((row) => [row.id, row.name]));
      const reorder = await reorderLinesOf(
        context.db,
        rows.map((row) => row.id),
      );
      return {
        asOf: now(),
        next: !latest && rows.length === query.limit ? rows.at(-1)!.sku : null,
        items: rows.map((row) => ({
          sku: row.sku,
          title: row.title,
          levels: row.levels.map((level) => ({
            location: names.get(level.location) ?? '?',
            onHand: level.onHand,
            committed: level.committed,
            available: quantity(level.onHand - level.committed),
            changedAt: level.changedAt,
          })),
          reorder: reorder.get(row.id) ?? [],
          channels: row.cells.flatMap((cell) => {
            const account = registry.byId(cell.accountId);
            const channel = account?.channels[0];
            if (!account || !channel) return [];
            return [
              {
                channel: channel.name,
                place: account.places.get(cell.remote)?.name ?? cell.remote,
                shows: cell.seen ?? cell.shown,
                waiting: cell.dirty,
                aside: cell.aside,
                at: cell.at,
              },
            ];
          }),
        })),
      };
    },
  );

  api.get(
    '/v1/stock/:sku',
    {
      ...read,
      schema: {
        summary: 'Why every channel shows what it shows for an item; with "at", its levels as they were then',
        params: z.object({ sku: z.string() }),
        querystring: z.object({ at: z.iso.datetime({ offset: true }).optional() }),
      },
    },
    async ({ params, query }) => {
      if (!query.at) return why(engine, params.sku);
      const item = await findItem(context.db, params.sku);
      const names = new Map((await listLocationRows(context.db)).map((row) => [row.id, row.name]));
      const levels = await levelsAtTime(context.db, item.id, query.at);
      return {
        sku: item.sku,
        asOf: query.at,
        levels: levels.map((level) => ({ ...level, location: names.get(level.location) ?? '?' })),
      };
    },
  );

  api.get('/v1/locations', { ...read, schema: { summary: 'Our locations' } }, async () => ({
    asOf: now(),
    locations: await listLocationRows(context.db),
  }));

  api.post(
    '/v1/stock/receive',
    { ...write, schema: { summary: 'Goods came in', body: change } },
    async ({ body, keyName }) => {
      await receive(context, { ...body, by: keyName });
      return { done: `received ${body.units} of ${body.sku} at ${body.location}` };
    },
  );
  api.post(
    '/v1/stock/adjust',
    { ...write, schema: { summary: 'A correction, up or down', body: change } },
    async ({ body, keyName }) => {
      await adjust(context, { ...body, by: keyName });
      return { done: `adjusted ${body.sku} at ${body.location} by ${body.units}` };
    },
  );
  api.post(
    '/v1/stock/count',
    {
      ...write,
      schema: {
        summary: 'Somebody counted',
        body: change.extend({ countedAt: z.iso.datetime({ offset: true }).optional() }),
      },
    },
    async ({ body, keyName }) => {
      const difference = await count(context, { ...body, by: keyName });
      return { done: `counted ${body.units} of ${body.sku} at ${body.location}`, difference };
    },
  );
  api.post(
    '/v1/stock/transfer',
    { ...write, schema: { summary: 'From one location to another', body: change.extend({ to: z.string().min(1) }) } },
    async ({ body, keyName }) => {
      await transfer(context, { ...body, by: keyName });
      return { done: `moved ${body.units} of ${body.sku} from ${body.location} to ${body.to}` };
    },
  );
  api.post(
    '/v1/stock/open',
    {
      ...write,
      schema: {
        summary: 'Adds items and locations where they are new, and counts units in',
        body: z.object({
          rows: z
            .array(change.extend({ title: z.string().default('') }))
            .min(1)
            .max(5_000),
        }),
      },
    },
    async ({ body, keyName }) => {
      await openStock(context, body.rows, keyName);
      return { done: `opened with ${body.rows.length} rows` };
    },
  );
  api.post(
    '/v1/holds',
    {
      ...write,
      schema: {
        summary: 'Promises units without a channel order',
        body: change.extend({ until: z.iso.datetime({ offset: true }).optional() }),
      },
    },
    async ({ body, keyName }) => ({ id: await addHold(context, { ...body, by: keyName }) }),
  );
  api.delete(
    '/v1/holds/:id',
    { ...write, schema: { summary: 'Ends a hold', params: z.object({ id: z.coerce.number().int() }) } },
    async ({ params, keyName }) => {
      if (!(await endHold(context, params.id, keyName)))
        throw new UserError('no-such-hold', `There is no open hold ${params.id}.`, 'It may have ended already.', 404);
      return { done: `hold ${params.id} released` };
    },
  );

  api.get(
    '/v1/sales',
    {
      ...read,
      schema: {
        summary: 'The documents that were applied last',
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(200).default(20),
          search: z.string().default(''),
        }),
      },
    },
    async ({ query }) => ({
      asOf: now(),
      sales: (await lastSales(context.db, query.limit, query.search)).map((row) => ({
        doc: row.doc,
        accountId: row.accountId,
        channel:
          registry.byId(row.accountId)?.channels.find((one) => one.id === row.channelId)?.name ??
          registry.byId(row.accountId)?.row.key ??
          '?',
        state: row.state,
        copyOf: row.copyOf,
        saleAt: row.saleAt,
        heardAt: row.heardAt,
        lines: row.lines,
      })),
    }),
  );
}
