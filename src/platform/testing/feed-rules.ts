import { expect } from 'vitest';
import { createBudgets } from '../budget.ts';
import type { Delivery } from '../contract.ts';
import { type Bench, skuOf } from './bench.ts';
import { bookDifferences } from './book.ts';
import type { RuleContext, Rules } from './rules.ts';

/** Polling that never skips, and queues that forget nothing. */
export function feedRules(suite: Rules): void {
  suite.rule(
    'feed: many orders over several pages, none missed while they change',
    'feeds',
    'feed-paging',
    async (context) => {
      const bench = await openFeed(context, { items: 12, stock: 500 });
      const count = context.cases.pagingOrders ?? 130;
      const orders = await buyMany(bench, count);
      // Old enough to be in the feed, whatever its lag.
      await bench.clock.advance(maxLag(context) + 1_000);
      const [feed] = orderFeeds(context);
      const watch = new CompleteTo(bench);
      let pages = 0;
      let late = 0;
      for (let more = true; more; pages++) {
        const page = await bench.pollPage(feed!);
        watch.look(page.completeTo);
        more = page.more;
        if (pages < 3) {
          // Those already told change, and new ones come, while the next page is fetched.
          await bench.clock.advance(1_100);
          for (const at of [0, Math.floor(count / 2), count - 1]) if (bench.sandbox.shopper.fulfil(orders[at]!)) late++;
          orders.push(...(await buyMany(bench, 2)));
          watch.changed();
        }
        if (pages > 500) throw new Error('the feed never ends');
      }
      expect(pages, 'raise cases.pagingOrders: one page held everything').toBeGreaterThan(1);
      await bench.settle();
      await bench.run(() => bench.listener.fetchAll());
      await bench.pollUntilComplete();
      expect(bench.listener.docs.size).toBe(orders.length);
      expect(await bookDifferences(bench)).toEqual([]);
      context.note(`${pages} pages, ${orders.length} orders, ${late} changed meanwhile`);
    },
  );

  suite.rule(
    'feed: completeTo only moves forward, and all before it was told',
    'feeds',
    'complete-to',
    async (context) => {
      const bench = await openFeed(context, { items: 4, stock: 500 });
      const watch = new CompleteTo(bench);
      for (let round = 0; round < 12; round++) {
        await buyMany(bench, round % 3);
        watch.changed();
        await bench.clock.advance(round % 2 === 0 ? 700 : 45_000);
        for (const feed of orderFeeds(context))
          for (let more = true; more; ) {
            const page = await bench.pollPage(feed);
            more = page.more;
            // Only a whole turn promises anything for all feeds together.
            if (!more && feed === orderFeeds(context).at(-1)) watch.look(page.completeTo);
          }
      }
      await bench.settle();
      await bench.pollUntilComplete();
      for (const feed of orderFeeds(context)) watch.look((await bench.pollPage(feed)).completeTo);
      expect(watch.last, 'it never moves').not.toBeNull();
      context.note(`${Math.round((bench.clock.now() - watch.last!) / 1000)} s behind at best`);
    },
  );

  suite.rule(
    'feed: goes on from a stored cursor in another process, and repeats do no harm',
    'feeds',
    'feed-restart',
    async (context) => {
      const bench = await openFeed(context, { items: 4, stock: 500 });
      await buyMany(bench, 5);
      await bench.pollUntilComplete();
      const [feed] = orderFeeds(context);
      const stored = (await bench.pollPage(feed!)).cursor;
      await buyMany(bench, 5);
      await bench.settle();
      const fresh = bench.newClient(createBudgets(context.platform.facts, bench.clock));
      await bench.clock.advance(maxLag(context) + 60_000);
      const told = new Set<string>();
      for (let cursor = stored, more = true; more; ) {
        const page = await bench.clock.run(
          context.platform.poll(fresh, bench.config, feed!, cursor, new Date(0).toISOString()),
        );
        for (const signal of page.signals)
          if ('doc' in signal) told.add(typeof signal.doc === 'string' ? signal.doc : signal.doc.doc);
        ({ cursor, more } = page);
        expect(typeof cursor).toBe('string');
      }
      await bench.pollUntilComplete();
      const later = [...bench.listener.docs.keys()].slice(5);
      expect(later.length).toBe(5);
      for (const doc of later) expect(told, 'told from the stored cursor').toContain(doc);
      expect(await bookDifferences(bench)).toEqual([]);
    },
  );

  suite.rule('feed: a week without polling loses nothing', 'feeds', 'feed-gap', async (context) => {
    const bench = await openFeed(context, { items: 4, stock: 500 });
    await bench.poll();
    for (let day = 0; day < 7; day++) {
      await buyMany(bench, 2);
      await bench.clock.advance(86_400_000);
    }
    await bench.pollUntilComplete();
    expect(await bookDifferences(bench)).toEqual([]);
    expect(bench.listener.docs.size).toBe(14);
  });

  suite.rule('queue: what was not acknowledged comes again, what was does not', 'feeds', 'queue', async (context) => {
    const { platform } = context;
    if (platform.facts.hooks.kind !== 'queue') context.absent('it has no queue');
    const bench = await context.open({ items: 3 });
    await buyMany(bench, 3);
    await bench.clock.advance(600_000);
    const receiveAll = async () => {
      const messages: { handle: string; delivery: Delivery }[] = [];
      for (let turn = 0; turn < 20; turn++) {
        const some = await bench.run((client, config) => platform.receive!(client, config));
        messages.push(...some);
        if (some.length === 0) break;
      }
      return messages;
    };
    const bodies = (messages: { delivery: Delivery }[]) =>
      messages.map(({ delivery }) => Buffer.from(delivery.body).toString()).sort();
    const first = await receiveAll();
    expect(first.length).toBeGreaterThanOrEqual(3);
    for (const { delivery } of first)
      expect(platform.verify(delivery, bench.config, bench.clock.now()).verdict).toBe('ok');
    expect(await receiveAll(), 'hidden while somebody works on them').toEqual([]);
    await bench.clock.advance(3_600_000);
    const second = await receiveAll();
    expect(bodies(second)).toEqual(bodies(first));
    await bench.run((client, config) =>
      platform.acknowledge!(
        client,
        config,
        second.map(({ handle }) => handle),
      ),
    );
    await bench.clock.advance(3_600_000);
    expect(await receiveAll()).toEqual([]);
    await bench.run((client, config) =>
      platform.acknowledge!(
        client,
        config,
        second.map(({ handle }) => handle),
      ),
    );
    context.note(`${first.length} messages`);
  });
}

/** Holds every claim of completeTo against what had been told by then. */
class CompleteTo {
  last: number | null = null;
  /** Orders by when they last changed. */
  private readonly changes: { at: number; docs: number }[] = [];

  constructor(private readonly bench: Bench) {}

  /** Call after people did something. */
  changed(): void {
    const { sandbox, clock } = this.bench;
    const units = sandbox.book().reduce((sum, { committed, out }) => sum + committed + out, 0);
    this.changes.push({ at: clock.now(), docs: units });
  }

  look(completeTo: string | null): void {
    if (completeTo === null) return;
    const { clock, listener } = this.bench;
    const at = Date.parse(completeTo);
    expect(Number.isNaN(at), `${completeTo} is a time`).toBe(false);
    expect(at, 'completeTo lies ahead').toBeLessThanOrEqual(clock.now());
    if (this.last !== null) expect(at, 'completeTo moved back').toBeGreaterThanOrEqual(this.last);
    this.last = at;
    // Every order is one unit: so many had been bought by then, so many must have been told of.
    const due = this.changes.filter((change) => change.at < at).at(-1)?.docs ?? 0;
    expect(listener.told.size, `by ${completeTo} there were ${due} orders`).toBeGreaterThanOrEqual(due);
  }
}

function orderFeeds(context: RuleContext): string[] {
  return Object.entries(context.platform.facts.feeds)
    .filter(([, { tells }]) => tells === 'orders')
    .map(([feed]) => feed);
}

const maxLag = (context: RuleContext) =>
  Math.max(0, ...Object.values(context.platform.facts.feeds).map(({ lagMs }) => lagMs));

/** Without webhooks: what the feed does not tell is not heard. */
async function openFeed(context: RuleContext, options: { items: number; stock: number }): Promise<Bench> {
  if (orderFeeds(context).length === 0) context.absent('it has no feed of orders');
  return context.open({ ...options, hooks: false });
}

/** One unit each, in bursts within one second and a little apart. */
async function buyMany(bench: Bench, count: number): Promise<string[]> {
  const orders: string[] = [];
  for (let index = 0; index < count; index++) {
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(index % 4), quantity: 1 }], location: null });
    if (!bought.ok) throw new Error(`nobody could buy: ${bought.why}`);
    orders.push(bought.order);
    if (index % 7 === 6) await bench.clock.advance(400);
  }
  return orders;
}
