import type { Facts, Operation } from '../../platform/contract.ts';

export type CustomOp = 'locations' | 'listings' | 'levels' | 'readLevels' | 'orders' | 'order' | 'setLevels';

const read = (priority: Operation['priority']): Operation => ({
  budgets: ['calls', 'together'],
  retry: 'safe',
  timeoutMs: 15_000,
  priority,
});

export const facts: Facts<CustomOp> = {
  id: 'custom',
  name: 'Your own system',
  apiVersion: '1',
  sources: [
    'docs/guides/connect-your-own-system.md: the protocol, ours',
    'github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md: headers, signed content, tolerance, retries',
  ],
  roles: ['sells'],
  trigger: 'order.created, or checkout.complete: a signed POST /v1/orders with the whole order',
  writeCall: 'POST {baseUrl}/levels (levels.set with the number expected there)',
  hooks: {
    kind: 'webhook',
    signature:
      'webhook-signature (Standard Webhooks): "v1," and base64 HMAC-SHA256 of id.timestamp.body; times more than 5 minutes off are refused',
    retries: 'as the sender likes; Standard Webhooks proposes 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h',
    silentAfterMs: 86_400_000,
    paths: ['/v1/orders', '/v1/levels'],
  },
  operations: {
    locations: read('audit'),
    listings: read('audit'),
    levels: read('audit'),
    readLevels: read('fetch'),
    orders: read('fetch'),
    order: read('fetch'),
    // A lost answer is read back: the guard on the number makes a second try harmless.
    setLevels: { budgets: ['calls', 'together'], retry: 'never', timeoutMs: 20_000, priority: 'decrease' },
  },
  budgets: {
    // Nobody publishes a limit for a system that is on no list: what a small server bears. It says 429 when it is less.
    calls: { kind: 'tokens', perSecond: 10, burst: 20 },
    together: { kind: 'in-flight', max: 4 },
  },
  push: {
    mode: 'cas',
    readFirst: false,
    batchMax: 100,
    visibleAfterMs: 0,
    // The protocol cannot make it so.
    refusesBelowZero: 'racy',
    decimals: 0,
    min: 0,
    max: 1_000_000_000,
  },
  read: { batchMax: 100 },
  feeds: { orders: { everyMs: 60_000, everyMsAlone: 10_000, lagMs: 5_000, tells: 'orders' } },
  // `version` as it is, `updatedAt` as microseconds since 1970: one rule for both.
  revision: 'integer',
  lowersItself: 'setting',
  setup: {
    who: 'Whoever can change the other system: a developer',
    minutes: 60,
    waitDays: 0,
    accounts: ['the other system'],
  },
  evidence: {
    rung: 'client',
    why: 'The protocol is ours; its signature is Standard Webhooks, and npm standardwebhooks signs what we accept and accepts what we sign, in both directions over a socket.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Systems that cannot sign: put a small sender in between',
    'Numbers told with fractions: levels are told in whole units, rounded down',
    'Orders told as changes ("two more"): each message carries the whole order',
    'Registering our address by API: it is entered in the other system by hand',
  ],
};
