import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { channelSettings } from '../engine/channel-settings.ts';
import { addChannel } from '../engine/connect.ts';
import type { Account, Channel } from '../engine/context.ts';
import { disconnect } from '../engine/disconnect.ts';
import type { Engine } from '../engine/engine.ts';
import { firstWrites } from '../engine/first-writes.ts';
import { decideDrift } from '../engine/judge.ts';
import { mapListing } from '../engine/mapping.ts';
import { setChannelMode } from '../engine/modes.ts';
import { reconcile } from '../engine/reconcile.ts';
import { UserError } from '../engine/user-error.ts';
import { saveAccountStopped, saveChannelSettings } from '../store/accounts.ts';
import { mapPlace } from '../store/catalogue.ts';
import { openDrifts } from '../store/drifts.ts';
import { openNotices } from '../store/notices.ts';
import { cellsAside, deliveriesAsideRows, skusOfItems } from '../store/overview.ts';
import { markAccountDirty } from '../store/planning.ts';
import { healthOf, shellName } from './channel-health.ts';
import { needs } from './keys.ts';

const named = z.object({ name: z.string() });

/** Channels: connect, look, make live, stop. */
export async function channelRoutes(server: FastifyInstance, { engine }: { engine: Engine }): Promise<void> {
  const { context, registry } = engine;
  const api = server.withTypeProvider<ZodTypeProvider>();
  const read = { onRequest: needs(context.db, 'read') };
  const operate = { onRequest: needs(context.db, 'operate') };
  const now = () => new Date(context.clock.now()).toISOString();

  const find = (name: string): { account: Account; channel: Channel } => {
    for (const account of registry.all()) {
      const channel = account.channels.find((one) => one.name === name);
      if (channel) return { account, channel };
    }
    const names = registry.all().flatMap((account) => account.channels.map((one) => one.name));
    throw new UserError(
      'unknown-channel',
      `There is no channel "${name}".`,
      `There are: ${names.join(', ') || 'none yet; add one with "onhand channel add"'}.`,
      404,
    );
  };

  const channelOf = (id: number) => registry.byId(id)?.channels[0]?.name ?? registry.byId(id)?.row.key ?? '?';

  api.get(
    '/v1/channels',
    { ...read, schema: { summary: 'Every channel: its mode, how it does, what to do about it' } },
    async () => ({
      asOf: now(),
      channels: registry
        .all()
        .flatMap((account) => account.channels.map((channel) => healthOf(engine, account, channel))),
    }),
  );

  api.post(
    '/v1/channels',
    {
      ...operate,
      schema: {
        summary: 'Connects a channel; it starts in mode watch',
        body: z.object({
          platform: z.string(),
          name: z.string().min(1).max(100),
          role: z.enum(['sells', 'keeps', 'both']).optional(),
          source: z.string().nullable().optional(),
          config: z.record(z.string(), z.unknown()),
          settings: z.record(z.string(), z.unknown()).optional(),
        }),
      },
    },
    async ({ body }) => {
      const { channel, ...imported } = await addChannel(engine, body);
      return {
        name: channel.name,
        mode: channel.mode,
        ...imported,
        next: `See what it would write: onhand channel check ${shellName(channel.name)}. Then: onhand channel live ${shellName(channel.name)}.`,
      };
    },
  );

  api.delete(
    '/v1/channels/:name',
    {
      ...operate,
      schema: {
        summary:
          'Disconnects a channel: shows its full numbers first, takes our webhooks back, forgets its credentials',
        params: named,
        querystring: z.object({
          leave: z.enum(['share', 'as-is']).default('share'),
          open: z.enum(['keep', 'release']).default('keep'),
        }),
      },
    },
    async ({ params, query }) => {
      const { account, channel } = find(params.name);
      return disconnect(engine, account, channel, query);
    },
  );

  api.get(
    '/v1/channels/:name/check',
    { ...read, schema: { summary: 'Named tests of its set-up, and what it would be told first', params: named } },
    async ({ params }) => {
      const { account, channel } = find(params.name);
      const checks = await account.platform.check(account.client, account.config);
      const url = engine.hookUrl(account);
      const hooks =
        account.platform.checkSubscription && url
          ? await account.platform.checkSubscription(account.client, account.config, url)
          : [];
      return {
        asOf: now(),
        channel: channel.name,
        checks: [...checks, ...hooks],
        firstWrites: await firstWrites(engine, account, channel),
      };
    },
  );

  api.post(
    '/v1/channels/:name/mode',
    {
      ...operate,
      schema: {
        summary: 'Makes a channel live, or stops writing to it',
        params: named,
        body: z.object({ mode: z.enum(['watch', 'live', 'paused']), approved: z.boolean().default(false) }),
      },
    },
    async ({ params, body, keyName }) => {
      const { account, channel } = find(params.name);
      if (body.mode === 'live' && account.row.stoppedReason !== null) {
        await saveAccountStopped(context.db, account.row.id, null);
        account.row.stoppedReason = null;
      }
      await setChannelMode(context, channel, body.mode, `set by ${keyName}`, body.approved);
      await engine.settingsChanged();
      return { done: `${channel.name} is ${body.mode}` };
    },
  );

  api.patch(
    '/v1/channels/:name/settings',
    {
      ...operate,
      schema: {
        summary: 'Changes what a person chose for a channel',
        params: named,
        body: z.record(z.string(), z.unknown()),
      },
    },
    async ({ params, body }) => {
      const { account, channel } = find(params.name);
      const settings = channelSettings.strict().parse({ ...channel.settings, ...body });
      await saveChannelSettings(context.db, channel.id, settings);
      // A policy changes what every cell should show, though no stock moved.
      await markAccountDirty(context.db, account.row.id, now());
      await context.db.wake('settings');
      await engine.settingsChanged();
      return { settings };
    },
  );

  api.post(
    '/v1/channels/:name/places',
    {
      ...operate,
      schema: {
        summary: 'Says which of our locations a place of the platform stands for',
        params: named,
        body: z.object({ place: z.string(), locations: z.array(z.number().int()) }),
      },
    },
    async ({ params, body }) => {
      const { account } = find(params.name);
      if (!account.places.has(body.place))
        throw new UserError(
          'unknown-place',
          `${params.name} has no place "${body.place}".`,
          `There are: ${[...account.places.keys()].join(', ')}.`,
          404,
        );
      await mapPlace(context.db, account.row.id, body.place, body.locations);
      await markAccountDirty(context.db, account.row.id, now());
      await engine.settingsChanged();
      return { done: `${body.place} stands for ${body.locations.length} locations` };
    },
  );

  api.post(
    '/v1/channels/:name/listings',
    {
      ...operate,
      schema: {
        summary: 'Says which items one unit of a listing takes',
        params: named,
        body: z.object({
          listing: z.string().describe("The platform's id of what is sold, as order lines carry it."),
          parts: z
            .array(
              z.object({
                sku: z.string(),
                num: z.number().int().min(1).default(1).describe('Units of the item for `den` units of the listing.'),
                den: z.number().int().min(1).default(1),
              }),
            )
            .max(100)
            .describe('One part for an item, several for a bundle, none to unmap.'),
        }),
      },
    },
    async ({ params, body }) => {
      const { account } = find(params.name);
      return mapListing(engine, account, body.listing, body.parts);
    },
  );

  api.post(
    '/v1/channels/:name/reconcile',
    {
      ...operate,
      schema: { summary: 'Reads every number of a channel, explains what differs, repairs by its rule', params: named },
    },
    async ({ params }) => {
      const { account, channel } = find(params.name);
      return reconcile(engine, account, channel.name);
    },
  );

  api.post(
    '/v1/channels/:name/drift',
    {
      ...operate,
      schema: {
        summary: 'Decides who is right about what nothing explains',
        params: named,
        body: z.object({ decision: z.enum(['ledger', 'channel']), stockKey: z.string().optional() }),
      },
    },
    async ({ params, body, keyName }) => {
      const { account } = find(params.name);
      const open = (await openDrifts(context.db, 10_000)).filter(
        (drift) =>
          drift.accountId === account.row.id && (body.stockKey === undefined || drift.stockKey === body.stockKey),
      );
      let decided = 0;
      for (const drift of open)
        if (await decideDrift(context, account, drift.cellId, body.decision, keyName)) decided += 1;
      engine.stockMoved();
      return { decided, done: `${decided} decided: the ${body.decision} is right` };
    },
  );

  api.post(
    '/v1/stop',
    { ...operate, schema: { summary: 'Pauses every live channel; orders are still heard' } },
    async ({ keyName }) => {
      const stopped: string[] = [];
      for (const account of registry.all())
        for (const channel of account.channels)
          if (channel.mode === 'live') {
            await setChannelMode(context, channel, 'paused', `onhand stop by ${keyName}`);
            stopped.push(channel.name);
          }
      return { stopped, next: 'Orders are still heard. To write again: onhand channel live NAME.' };
    },
  );

  api.get('/v1/notices', { ...read, schema: { summary: 'What a person should look at, newest first' } }, async () => {
    const rows = await openNotices(context.db, 200);
    const ids = rows.flatMap((row) => (typeof row.itemId === 'number' ? [row.itemId] : []));
    const skus = new Map((await skusOfItems(context.db, [...new Set(ids)])).map((row) => [row.id, row.sku]));
    return { asOf: now(), notices: rows.map((row) => ({ ...row, sku: skus.get(row.itemId ?? 0) ?? null })) };
  });
  api.get(
    '/v1/set-aside',
    {
      ...read,
      schema: { summary: 'What a platform will not take and what could not be understood, each with its reason' },
    },
    async () => ({
      asOf: now(),
      cells: (await cellsAside(context.db, 500)).map((row) => ({ channel: channelOf(row.accountId), ...row })),
      deliveries: (await deliveriesAsideRows(context.db, 500)).map((row) => ({
        channel: channelOf(row.accountId),
        ...row,
      })),
    }),
  );
}
