import { expect } from 'vitest';
import type { Doc } from '../../domain/document.ts';
import { type Bench, PLACES, skuOf } from './bench.ts';
import { bookDifferences, isPool } from './book.ts';
import { copyOf, stockOf } from './listener.ts';
import type { RuleContext, Rules } from './rules.ts';

type Way = 'webhook' | 'poll';

/** One life of an order: each step is followed by a look at the book. */
interface Story {
  name: string;
  title: string;
  /** Each does one thing; false: this platform's people cannot do that. */
  steps: (bench: Bench) => (() => boolean)[];
}

const buy = (
  bench: Bench,
  lines: [index: number, quantity: number][],
  more: { location?: string; paid?: boolean } = {},
) => {
  const bought = bench.sandbox.shopper.buy({
    lines: lines.map(([index, quantity]) => ({ sku: skuOf(index), quantity })),
    location: more.location ?? null,
    ...(more.paid !== undefined && { paid: more.paid }),
  });
  return bought.ok ? bought.order : undefined;
};

/** A story whose order is kept between its steps. */
const withOrder = (first: () => string | undefined, ...rest: ((order: string) => boolean)[]): (() => boolean)[] => {
  let order: string | undefined;
  return [
    () => {
      order = first();
      return order !== undefined;
    },
    ...rest.map((step) => () => order !== undefined && step(order)),
  ];
};

const STORIES: Story[] = [
  {
    name: 'sale',
    title: 'bought',
    steps: (bench) =>
      withOrder(() =>
        buy(bench, [
          [0, 2],
          [1, 1],
        ]),
      ),
  },
  {
    name: 'payment',
    title: 'bought unpaid, then paid',
    steps: (bench) =>
      withOrder(
        () => buy(bench, [[0, 2]], { paid: false }),
        (order) => bench.sandbox.shopper.pay?.(order) ?? false,
      ),
  },
  {
    name: 'cancel',
    title: 'cancelled before anything shipped',
    steps: (bench) =>
      withOrder(
        () =>
          buy(bench, [
            [0, 2],
            [1, 1],
          ]),
        (order) => bench.sandbox.shopper.cancel(order),
      ),
  },
  {
    name: 'fulfil',
    title: 'shipped in two parts',
    steps: (bench) =>
      withOrder(
        () =>
          buy(bench, [
            [0, 3],
            [1, 2],
          ]),
        (order) => bench.sandbox.shopper.fulfil(order, [{ sku: skuOf(0), quantity: 2 }]),
        (order) => bench.sandbox.shopper.fulfil(order),
      ),
  },
  {
    name: 'refund-restock',
    title: 'shipped, one unit back on the shelf',
    steps: (bench) =>
      withOrder(
        () => buy(bench, [[0, 3]]),
        (order) => bench.sandbox.shopper.fulfil(order),
        (order) => bench.sandbox.shopper.refund(order, { sku: skuOf(0), quantity: 1 }, true),
      ),
  },
  {
    name: 'refund-no-restock',
    title: 'shipped, one unit paid back and not on the shelf again',
    steps: (bench) =>
      withOrder(
        () => buy(bench, [[0, 3]]),
        (order) => bench.sandbox.shopper.fulfil(order),
        (order) => bench.sandbox.shopper.refund(order, { sku: skuOf(0), quantity: 1 }, false),
      ),
  },
  {
    name: 'till',
    title: 'sold at the till of a place',
    steps: (bench) => withOrder(() => buy(bench, [[2, 2]], { location: PLACES[1]!.id })),
  },
];

/** What people do to orders, told by webhook or queue and by polling alone, against the stand-in's own book. */
export function orderRules(suite: Rules): void {
  for (const way of ['webhook', 'poll'] as const)
    for (const { name, title, steps } of STORIES)
      suite.rule(`orders by ${way}: ${title}`, 'order effects', `${name}-by-${way}`, async (context) => {
        const bench = await openFor(context, way);
        if (name === 'till' && isPool(bench)) context.absent('one pool of stock, no till');
        for (const [index, step] of steps(bench).entries()) {
          if (!step()) context.absent(`its people cannot do step ${index + 1}`);
          await heard(bench, way);
          expect(await bookDifferences(bench), `after step ${index + 1}`).toEqual([]);
        }
        expect(bench.listener.docs.size, 'nothing was heard').toBeGreaterThan(0);
        expect(bench.refusals).toEqual([]);
        for (const doc of bench.listener.docs.values()) idsAreText(doc);
      });

  suite.rule(
    'orders: webhook, poll and fetch end in the same documents',
    'order effects',
    'ways-agree',
    async (context) => {
      const bench = await openFor(context, 'webhook');
      await life(bench);
      await heard(bench, 'webhook');
      const byWebhook = new Map(bench.listener.docs);
      expect(byWebhook.size).toBeGreaterThan(1);
      bench.listener.docs.clear();
      await bench.pollUntilComplete();
      const byPoll = new Map(bench.listener.docs);
      for (const id of byWebhook.keys()) bench.listener.toFetch.add(id);
      await bench.run(() => bench.listener.fetchAll());
      for (const told of [byWebhook, byPoll]) {
        expect([...told.keys()].sort()).toEqual([...bench.listener.docs.keys()].sort());
        for (const [id, doc] of told) expect(disagreements(doc, bench.listener.docs.get(id)!), id).toEqual([]);
      }
    },
  );

  suite.rule(
    'orders: everything again, backwards and twice, changes nothing',
    'order effects',
    'duplicates',
    async (context) => {
      const bench = await openFor(context, 'webhook');
      await life(bench);
      await heard(bench, 'webhook');
      const before = new Map([...bench.listener.docs].map(([id, doc]) => [id, stockOf(doc)]));
      for (const { delivery, topic } of [...bench.deliveries].reverse().flatMap((one) => [one, one]))
        bench.listener.hear(bench.listener.decode(copyOf(delivery), topic));
      await bench.run(() => bench.listener.fetchAll());
      expect(new Map([...bench.listener.docs].map(([id, doc]) => [id, stockOf(doc)]))).toEqual(before);
      expect(await bookDifferences(bench)).toEqual([]);
      context.note(`${bench.deliveries.length} deliveries, ${bench.listener.fetches} fetches`);
    },
  );

  suite.rule(
    'orders: webhooks that come in any order end in the same documents',
    'order effects',
    'late-hooks',
    async (context) => {
      const bench = await openFor(context, 'webhook');
      await life(bench);
      await heard(bench, 'webhook');
      bench.listener.docs.clear();
      for (const { delivery, topic } of [...bench.deliveries].reverse())
        bench.listener.hear(bench.listener.decode(copyOf(delivery), topic));
      await bench.run(() => bench.listener.fetchAll());
      expect(await bookDifferences(bench)).toEqual([]);
    },
  );

  suite.rule('orders: an id beyond 2^53 keeps all its digits', 'order effects', 'big-ids', async (context) => {
    const bench = await openFor(context, 'webhook');
    const order = buy(bench, [[0, 1]]);
    await heard(bench, 'webhook');
    if (order === undefined || !/^\d+$/.test(order)) return context.absent('ids are text anyway');
    const big = '9007199254740993';
    const [told] = bench.deliveries.filter(({ delivery }) => Buffer.from(delivery.body).toString().includes(order));
    if (!told) return context.absent('no delivery names an order by number');
    const text = Buffer.from(told.delivery.body).toString().replaceAll(order, big);
    const signals = bench.listener.decode({ ...copyOf(told.delivery), body: Buffer.from(text) }, told.topic);
    expect(JSON.stringify(signals)).toContain(big);
  });
}

async function openFor(context: RuleContext, way: Way): Promise<Bench> {
  const { kind } = context.platform.facts.hooks;
  if (!context.platform.facts.roles.includes('sells')) context.absent('it does not sell');
  if (way === 'webhook' && kind === 'none') context.absent('it has no webhooks');
  return context.open({ hooks: way === 'webhook' });
}

async function heard(bench: Bench, way: Way): Promise<void> {
  await bench.settle();
  if (way === 'poll') await bench.pollUntilComplete();
}

/** Orders in several states at once. */
async function life(bench: Bench): Promise<void> {
  const { shopper } = bench.sandbox;
  const orders = [0, 1, 2, 3].map((index) =>
    buy(bench, [
      [index, 2],
      [index + 1, 1],
    ]),
  );
  await bench.clock.advance(90_000);
  if (orders[1]) shopper.cancel(orders[1]);
  if (orders[2]) shopper.fulfil(orders[2], [{ sku: skuOf(2), quantity: 1 }]);
  if (orders[3]) shopper.fulfil(orders[3]);
  await bench.clock.advance(90_000);
  if (orders[3]) shopper.refund(orders[3], { sku: skuOf(3), quantity: 1 }, true);
  if (orders[2]) shopper.fulfil(orders[2]);
}

function idsAreText(doc: Doc): void {
  const ids = [
    doc.doc,
    ...doc.lines.flatMap(({ line, listing, parts }) => [line, listing, ...parts.map(({ location }) => location)]),
  ];
  for (const id of ids) if (id !== null) expect(typeof id).toBe('string');
  expect(Number.isNaN(Date.parse(doc.saleAt)), `${doc.saleAt} is a time`).toBe(false);
  expect(doc.saleAt, 'with a zone').toMatch(/(Z|[+-]\d\d:?\d\d)$/);
}

/** What two tellings of one document disagree about; a place that one of them does not know is no disagreement. */
function disagreements(told: Doc, fetched: Doc): string[] {
  const placeless = (doc: Doc, line: string) =>
    doc.lines.some((one) => one.line === line && one.parts.some(({ location }) => location === null));
  const summed = (doc: Doc, line: string) => {
    const parts = doc.lines.filter((one) => one.line === line).flatMap((one) => one.parts);
    const sum = (name: 'committed' | 'out' | 'returned' | 'taken') =>
      parts.reduce((total, part) => total + part[name], 0);
    return [sum('committed'), sum('out'), sum('returned'), sum('taken')].join(' ');
  };
  const whole = (doc: Doc, line: string) => stockOf({ ...doc, lines: doc.lines.filter((one) => one.line === line) });
  return [...new Set([...told.lines, ...fetched.lines].map(({ line }) => line))].flatMap((line) => {
    const unknown = placeless(told, line) || placeless(fetched, line);
    const [a, b] = unknown ? [summed(told, line), summed(fetched, line)] : [whole(told, line), whole(fetched, line)];
    return a === b ? [] : [`line ${line}: ${a} told, ${b} fetched`];
  });
}
