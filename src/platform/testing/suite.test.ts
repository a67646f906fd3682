import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Doc, emptyPart } from '../../domain/document.ts';
import { amazon } from '../../platforms/amazon/index.ts';
import { shopify } from '../../platforms/shopify/index.ts';
import type { AnyPlatform, Outcome, Signal } from '../contract.ts';
import { allRules } from './suite.ts';

// A suite that cannot fail proves nothing. Each of these is a connector with one mistake that somebody could make; the
// rule named must see it, and must hold for the connector as it is.

type Mistake = [mistake: string, rule: string, make: (platform: AnyPlatform) => Partial<AnyPlatform>];

const changed =
  (change: (signal: Signal) => Signal[]) =>
  (platform: AnyPlatform): Partial<AnyPlatform> => ({
    decode: (delivery, topic, config) => platform.decode(delivery, topic, config).flatMap(change),
  });
const eachDoc = (change: (doc: Doc) => Partial<Doc>) =>
  changed((signal) =>
    signal.kind === 'document' ? [{ ...signal, doc: { ...signal.doc, ...change(signal.doc) } }] : [signal],
  );
const outcomes =
  (change: (outcomes: Outcome[]) => Outcome[]) =>
  (platform: AnyPlatform): Partial<AnyPlatform> => ({
    pushLevels: async (client, config, targets) => change(await platform.pushLevels(client, config, targets)),
  });

let turns = 0;

const SIGNED: Mistake[] = [
  ['believes every signature', 'flipped-body', (platform) => ({ verify: believing(platform, ['bad-signature']) })],
  [
    'takes deliveries without a signature',
    'no-signature',
    (platform) => ({ verify: believing(platform, ['no-signature']) }),
  ],
  [
    'takes everything while no secret is set',
    'no-secret',
    (platform) => ({ verify: believing(platform, ['no-secret']) }),
  ],
  [
    'compares only the beginning',
    'flipped-signature',
    (platform) => ({ verify: believing(platform, ['bad-signature']) }),
  ],
  [
    'throws on odd bytes',
    'verify-total',
    () => ({ verify: (delivery) => JSON.parse(Buffer.from(delivery.body).toString()) }),
  ],
  ['reads ids as numbers', 'big-ids', eachDoc(({ doc }) => ({ doc: doc.replace(/\d+/, (id) => String(Number(id))) }))],
  [
    'counts a sale as shipped',
    'sale-by-webhook',
    eachDoc(({ lines }) => ({
      lines: lines.map((line) => ({
        ...line,
        parts: line.parts.map((part) => ({ ...part, committed: 0, out: part.committed + part.out })),
      })),
    })),
  ],
  [
    'forgets that the platform took the units',
    'sale-by-webhook',
    eachDoc(({ lines }) => ({
      lines: lines.map((line) => ({ ...line, parts: line.parts.map((part) => ({ ...part, taken: 0 })) })),
    })),
  ],
  [
    'keeps what was cancelled',
    'cancel-by-webhook',
    (platform) => {
      const kept = ({ lines }: Doc) => ({
        lines: lines.map((line) =>
          line.parts.length > 0 ? line : { ...line, parts: [{ ...emptyPart, committed: 1, taken: 1 }] },
        ),
      });
      return {
        ...eachDoc(kept)(platform),
        fetchDocument: async (client, config, doc) => {
          const state = await platform.fetchDocument(client, config, doc);
          return state === 'gone' ? state : { ...state, ...kept(state) };
        },
      };
    },
  ],
  ['gives every telling a new revision', 'duplicates', eachDoc(() => ({ rev: new Date(++turns).toISOString() }))],
  ['misses an echo', 'echo', changed((signal) => (signal.kind === 'level' || signal.kind === 'dirty' ? [] : [signal]))],
  [
    'tells another level than it was',
    'echo',
    changed((signal) =>
      signal.kind === 'level'
        ? [{ ...signal, level: { ...signal.level, available: signal.level.available + 1 } }]
        : [signal],
    ),
  ],
  [
    'leaves one target without an outcome',
    'push-partial',
    outcomes((all) => all.filter(({ result }) => result !== 'failed')),
  ],
  [
    'calls a failed target applied',
    'push-partial',
    outcomes((all) => all.map(({ cell }) => ({ cell, result: 'applied' }))),
  ],
  [
    'calls a stale write applied',
    'push-guard',
    outcomes((all) => all.map(({ cell }) => ({ cell, result: 'applied' }))),
  ],
  [
    'sends the guard that fits',
    'push-guard',
    (platform) => ({
      pushLevels: async (client, config, targets) => {
        const now = await platform.readLevels(
          client,
          config,
          targets.map(({ cell }) => cell),
        );
        const found = (cell: { stockKey: string }) => now.find(({ stockKey }) => stockKey === cell.stockKey)!;
        return platform.pushLevels(
          client,
          config,
          targets.map((target) => ({ ...target, expect: found(target.cell).available })),
        );
      },
    }),
  ],
];

const ANY: Mistake[] = [
  [
    'knows no throttling answer',
    'faults-classified',
    (platform) => ({
      classify: (response, op) => {
        const failure = platform.classify(response, op);
        return failure?.failure === 'throttled' ? undefined : failure;
      },
    }),
  ],
  [
    'takes a broken write for one that was not done',
    'broken-write',
    (platform) => ({
      classify: (response, op) => {
        const failure = platform.classify(response, op);
        return failure
          ? Object.assign(failure, { failure: failure.failure === 'unknown-outcome' ? 'transient' : failure.failure })
          : undefined;
      },
    }),
  ],
  [
    'reads one unit too much',
    'levels',
    (platform) => ({
      readLevels: async (client, config, cells) =>
        (await platform.readLevels(client, config, cells)).map((level) => ({
          ...level,
          available: level.available + 1,
        })),
    }),
  ],
  [
    'invents levels of unknown cells',
    'levels-unknown',
    (platform) => ({
      readLevels: async (client, config, cells) => {
        const levels = await platform.readLevels(client, config, cells);
        return cells.map(
          (cell) =>
            levels.find(({ stockKey }) => stockKey === cell.stockKey) ?? { ...levels[0]!, ...cell, available: 0 },
        );
      },
    }),
  ],
  [
    'stops after the first page',
    'paging',
    (platform) => ({
      listListings: async (client, config, cursor) => ({
        ...(await platform.listListings(client, config, cursor)),
        next: null,
      }),
    }),
  ],
  [
    'lists an item twice',
    'listings',
    (platform) => ({
      listListings: async (client, config, cursor) => {
        const page = await platform.listListings(client, config, cursor);
        return { ...page, items: [...page.items, ...page.items.slice(0, 1)] };
      },
    }),
  ],
  [
    'says nothing of uncounted items',
    'listings',
    (platform) => ({
      listListings: async (client, config, cursor) => {
        const page = await platform.listListings(client, config, cursor);
        return { ...page, items: page.items.map((item) => ({ ...item, tracked: true })) };
      },
    }),
  ],
  [
    'claims writes without sending them',
    'push-shown',
    () => ({
      pushLevels: async (_, __, targets) => targets.map(({ cell, want }) => ({ cell, result: 'applied', after: want })),
    }),
  ],
  [
    'skips an order of a page',
    'feed-paging',
    (platform) => ({
      poll: async (client, config, feed, cursor, since) => {
        const page = await platform.poll(client, config, feed, cursor, since);
        return {
          ...page,
          signals: page.signals.filter(
            (signal) => !('doc' in signal && /7$/.test(JSON.stringify(signal.doc).match(/order:[\d-]+/)?.[0] ?? '')),
          ),
        };
      },
    }),
  ],
  [
    'forgets where it was',
    'feed-paging',
    (platform) => ({
      poll: async (client, config, feed, cursor, since) => ({
        ...(await platform.poll(client, config, feed, cursor, since)),
        more: false,
      }),
    }),
  ],
  ['renews nothing', 'renew-refused', () => ({ renew: async (_, config) => config })],
  [
    'calls an unknown order an error',
    'gone',
    (platform) => ({
      fetchDocument: async (client, config, doc) => {
        const state = await platform.fetchDocument(client, config, doc).catch(() => 'gone' as const);
        if (state === 'gone') throw new TypeError('state is not an object');
        return state;
      },
    }),
  ],
  [
    'believes in twice the limit',
    'flood',
    (platform) => ({
      facts: {
        ...platform.facts,
        budgets: Object.fromEntries(
          Object.entries(platform.facts.budgets).map(([name, budget]) => [
            name,
            budget.kind === 'tokens' ? { ...budget, burst: budget.burst * 2, perSecond: budget.perSecond * 2 } : budget,
          ]),
        ),
        operations: Object.fromEntries(
          Object.entries(platform.facts.operations).map(([name, op]) => [
            name,
            { ...op, cost: Math.max(1, Math.floor((op.cost ?? 1) / 2)) },
          ]),
        ),
      },
    }),
  ],
  [
    'calls an operation that spends nothing',
    'facts-consistent',
    (platform) => ({
      facts: {
        ...platform.facts,
        operations: {
          ...platform.facts.operations,
          free: { budgets: [], retry: 'safe', timeoutMs: 1, priority: 'audit' },
        },
      },
    }),
  ],
  [
    'marks no secret',
    'config-form',
    () => ({ config: z.object({ account: z.string().describe('Account'), apiToken: z.string().describe('Token') }) }),
  ],
];

const QUEUED: Mistake[] = [
  [
    'promises to have told everything up to now',
    'complete-to',
    (platform) => ({
      poll: async (client, config, feed, cursor, since) => ({
        ...(await platform.poll(client, config, feed, cursor, since)),
        completeTo: new Date(client.now()).toISOString(),
      }),
    }),
  ],
  ['acknowledges nothing', 'queue', () => ({ acknowledge: async () => {} })],
  [
    'loses a message it received',
    'sale-by-webhook',
    (platform) => ({
      receive: async (client, config) =>
        (await platform.receive!(client, config)).map((one) => ({
          ...one,
          delivery: { ...one.delivery, body: Buffer.from('{}') },
        })),
    }),
  ],
  [
    'calls an accepted write applied',
    'settle',
    outcomes((all) => all.map(({ cell }) => ({ cell, result: 'applied' }))),
  ],
];

function believing(platform: AnyPlatform, whys: string[]): AnyPlatform['verify'] {
  return (delivery, config, now) => {
    const verdict = platform.verify(delivery, config, now);
    const topic = delivery.headers['x-shopify-topic'] ?? 'orders/create';
    return verdict.verdict === 'refused' && whys.includes(verdict.why) ? { verdict: 'ok', topic } : verdict;
  };
}

const rules = allRules();
for (const [platform, mistakes] of [
  [shopify as AnyPlatform, [...SIGNED, ...ANY]],
  [amazon as AnyPlatform, [...ANY, ...QUEUED]],
] as const)
  describe(`the contract suite sees that ${platform.facts.name}'s connector`, () => {
    it.each(mistakes)('%s (%s)', async (_, rule, make) => {
      expect(await rules.hold(rule, platform, {})).toEqual({ result: 'holds' });
      await expect(rules.hold(rule, { ...platform, ...make(platform) }, {})).rejects.toThrow();
    });
  });
