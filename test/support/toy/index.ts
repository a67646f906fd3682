import { z } from 'zod';
import { secret } from '../../../src/platform/config.ts';
import {
  type CellKey,
  definePlatform,
  type Facts,
  type RemoteLevel,
  type Target,
} from '../../../src/platform/contract.ts';
import { Failure } from '../../../src/platform/failure.ts';
import { bodyText, jsonRequest } from '../../../src/platform/http.ts';
import { hmac, sameSignature } from '../../../src/platform/signature.ts';
import { type ToyOrder, toyDoc } from './orders.ts';
import { toySandbox } from './sandbox.ts';

type Mode = 'cas' | 'delta' | 'blind';

const config = z.object({
  account: z.string(),
  api: z.string(),
  token: secret(),
  webhookSecret: secret(),
});
type ToyConfig = z.infer<typeof config>;

const facts = (id: string, mode: Mode): Facts<'read' | 'write'> => ({
  id,
  name: `Toy (${mode})`,
  apiVersion: '1',
  sources: ['made up'],
  roles: ['sells'],
  trigger: 'order changed',
  writeCall: 'POST /levels',
  hooks: {
    kind: 'webhook',
    signature: 'x-toy-signature',
    retries: 'once, after two seconds',
    silentAfterMs: 3_600_000,
  },
  operations: {
    read: { budgets: ['calls'], retry: 'safe', timeoutMs: 10_000, priority: 'fetch' },
    write: { budgets: ['calls'], retry: 'never', timeoutMs: 10_000, priority: 'decrease' },
  },
  budgets: { calls: { kind: 'tokens', perSecond: 20, burst: 40 } },
  push: {
    mode,
    readFirst: mode === 'blind',
    batchMax: 50,
    visibleAfterMs: 0,
    refusesBelowZero: 'atomic',
    decimals: 0,
    min: 0,
    max: 1_000_000,
  },
  read: { batchMax: 50 },
  feeds: { orders: { everyMs: 60_000, everyMsAlone: 10_000, lagMs: 2_000, tells: 'orders' } },
  revision: 'integer',
  lowersItself: 'created',
  setup: { who: 'anyone', minutes: 1, waitDays: 0, accounts: ['none'] },
  evidence: { rung: 'modelled', why: 'there is no such vendor', checkedAt: '2026-11-24' },
  notSupported: [],
});

/** A whole small platform of no vendor, with the way of writing that a test wants. */
export const toyPlatform = (id: string, mode: Mode) =>
  definePlatform<ToyConfig, 'read' | 'write'>({
    facts: facts(id, mode),
    config,
    authorize: (request, { token }) => ({
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${token}` },
    }),
    classify: ({ status }) => {
      if (status < 400) return undefined;
      if (status === 401) return new Failure('auth', 'bad-token', 'The token is refused: make a new one.', { status });
      if (status === 404) return new Failure('gone', 'unknown', 'There is nothing of that name.', { status });
      if (status === 429)
        return new Failure('throttled', 'rate-limited', 'Too many calls.', { status, retryAfterMs: 200 });
      if (status >= 500) return new Failure('transient', 'unavailable', 'It is down for a moment.', { status });
      return new Failure('rejected', 'refused', 'The request is refused.', { status });
    },
    verify: (delivery, { webhookSecret }) => {
      if (!webhookSecret) return { verdict: 'refused', why: 'no-secret', say: 'Set webhookSecret.' };
      const given = delivery.headers['x-toy-signature'];
      if (!given) return { verdict: 'refused', why: 'no-signature', say: 'It is not signed.' };
      if (!sameSignature(given, hmac('sha256', webhookSecret, [delivery.body], 'hex')))
        return { verdict: 'refused', why: 'bad-signature', say: 'Check the secret.' };
      return { verdict: 'ok', topic: 'order' };
    },
    decode: (delivery, _topic, { account }) => {
      const body = JSON.parse(bodyText(delivery)) as { thin?: string; order?: ToyOrder };
      if (body.thin) return [{ kind: 'document-changed', account, doc: `order:${body.thin}` }];
      return [{ kind: 'document', doc: toyDoc(body.order!, account) }];
    },
    check: async (client, { api }) => {
      await client.call('read', jsonRequest('GET', `${api}/locations`));
      return [{ name: 'token', ok: true, found: 'It works.' }];
    },
    listLocations: async (client, { api }) => read(await client.call('read', jsonRequest('GET', `${api}/locations`))),
    listListings: async (client, { api }, cursor) =>
      read(await client.call('read', jsonRequest('GET', `${api}/items?after=${cursor ?? 0}`))),
    listLevels: async (client, { api }, cursor) => {
      const readAt = new Date(client.now()).toISOString();
      const page = read<{ items: RemoteLevel[]; next: string | null }>(
        await client.call('read', jsonRequest('GET', `${api}/levels?after=${cursor ?? 0}`)),
      );
      return { ...page, items: page.items.map((level) => ({ ...level, readAt })) };
    },
    readLevels: async (client, { api }, cells) => {
      const readAt = new Date(client.now()).toISOString();
      const keys = cells.map(({ stockKey, location }) => ({ stockKey, location }));
      const levels = read<RemoteLevel[]>(await client.call('read', jsonRequest('POST', `${api}/levels/read`, keys)));
      return levels.map((level) => ({ ...level, readAt }));
    },
    poll: async (client, { api, account }, _feed, cursor) => {
      const page = read<{ orders: ToyOrder[]; cursor: string; completeTo: string; more: boolean }>(
        await client.call('read', jsonRequest('GET', `${api}/orders?after=${cursor ?? ''}`)),
      );
      return {
        signals: page.orders.map((order) => ({ kind: 'document', doc: toyDoc(order, account) })),
        cursor: page.cursor,
        completeTo: page.completeTo,
        more: page.more,
      };
    },
    fetchDocument: async (client, { api, account }, doc) => {
      try {
        const answer = await client.call('read', jsonRequest('GET', `${api}/orders/${doc.replace('order:', '')}`));
        return toyDoc(read(answer), account);
      } catch (error) {
        if (error instanceof Failure && error.failure === 'gone') return 'gone';
        throw error;
      }
    },
    pushLevels: async (client, { api }, targets) => {
      const rows = targets.map((target) => rowOf(mode, target));
      const answers = read<{ ok: boolean; now: number; error?: string }[]>(
        await client.call('write', jsonRequest('POST', `${api}/levels`, { mode, rows })),
      );
      return targets.map(({ cell }, index) => {
        const answer = answers[index]!;
        if (answer.ok) return { cell, result: 'applied', after: answer.now };
        if (answer.error === 'stale') return { cell, result: 'stale', now: answer.now };
        return { cell, result: 'failed', failure: new Failure('rejected', 'refused', answer.error ?? 'refused') };
      });
    },
    ...(mode === 'delta' && {
      findPush: async (client, { api }, target) => {
        const found = read<{ found: boolean; now: number }>(
          await client.call('read', jsonRequest('GET', `${api}/writes/${target.key}`)),
        );
        return found.found ? { cell: target.cell, result: 'applied', after: found.now } : 'not-found';
      },
    }),
    sandbox: (options) => toySandbox(id, options),
  });

const rowOf = (mode: Mode, { cell, want, expect, key }: Target): CellKey & Record<string, unknown> => ({
  ...cell,
  key,
  ...(mode === 'cas' && { value: want, expect }),
  ...(mode === 'delta' && { delta: want - expect }),
  ...(mode === 'blind' && { value: want }),
});

function read<T>(response: { body?: string | Uint8Array }): T {
  return JSON.parse(bodyText(response)) as T;
}
