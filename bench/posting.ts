// Document lines posted a second: the engine beside the very statements it sends, driven directly with their arrays ready,
// and beside the engine with one transaction per order.
//   npx tsx bench/posting.ts [--seconds 2] [--rounds 3] [--items 10000]
// PostgreSQL joins in when ONHAND_TEST_DATABASE_URL names one: node scripts/postgres.mjs run -- npx tsx bench/posting.ts
import { parseArgs } from 'node:util';
import { type Arriving, postStates } from '../src/engine/posting.ts';
import { seededRandom } from '../src/runtime/random.ts';
import type { Database, Queryable, Statement } from '../src/store/database.ts';
import { benchStores, machine, median, ratio } from './machine.ts';
import { closeTheDay, newOrders, openShop, type Shop } from './shop.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    items: { type: 'string', default: '10000' },
  },
});
const roundMs = Number(options.seconds) * 1_000;
const rounds = Number(options.rounds);
const catalogue = Number(options.items);
const BATCHES = [100, 500];
/** So much is prepared; a run ends earlier when its time is over. */
const LINES_MAX = 40_000;

type Sent = { statement: Statement | string; values: unknown[] | undefined };

/** Runs until the time is over or nothing is left; what the lanes would take off the marks is taken off untimed. */
async function timed<T>(db: Database, work: T[], run: (one: T) => Promise<number>): Promise<number> {
  let [lines, spentMs] = [0, 0];
  for (const one of work) {
    const began = performance.now();
    lines += await run(one);
    spentMs += performance.now() - began;
    await db.query({ name: 'bench-dirty', text: 'delete from dirty' });
    if (spentMs > roundMs) break;
  }
  return lines / (spentMs / 1_000);
}

async function measure(db: Database, shop: Shop, batch: number, itemOf: () => number) {
  const prepared = () => {
    const all = newOrders(shop.accounts[0]!, Math.min(LINES_MAX, batch * 400), itemOf);
    return Array.from({ length: all.length / batch }, (_, nth) => all.slice(nth * batch, (nth + 1) * batch));
  };
  const engineTo = (sent?: Sent[][]) => async (arriving: Arriving[]) => {
    const mine: Sent[] = [];
    await db.transaction((tx) => {
      mine.length = 0;
      return postStates(sent ? listening(tx, mine) : tx, shop.context, arriving);
    });
    sent?.push(mine);
    return arriving.length;
  };
  const rates: { engine: number[]; direct: number[] } = { engine: [], direct: [] };
  for (let round = 0; round < rounds + 1; round++) {
    await closeTheDay(db);
    const engine = await timed(db, prepared(), engineTo());
    // The same orders again, listened to; then their statements alone.
    await closeTheDay(db);
    const sent: Sent[][] = [];
    await timed(db, prepared(), engineTo(sent));
    await closeTheDay(db);
    const direct = await timed(db, sent, async (statements) => {
      await db.transaction(async (tx) => {
        for (const { statement, values } of statements) await tx.query(statement, values);
      });
      return batch;
    });
    // The first round warms up.
    if (round > 0) {
      rates.engine.push(engine);
      rates.direct.push(direct);
    }
  }
  return { engine: Math.round(median(rates.engine)), direct: Math.round(median(rates.direct)) };
}

const listening = (tx: Queryable, sent: Sent[]): Queryable => ({
  query: (statement, values) => {
    sent.push({ statement, values });
    return tx.query(statement, values);
  },
});

async function perOrder(db: Database, shop: Shop, itemOf: () => number): Promise<number> {
  await closeTheDay(db);
  const orders = newOrders(shop.accounts[0]!, 20_000, itemOf);
  const rate = await timed(db, orders, async (one) => {
    await db.transaction((tx) => postStates(tx, shop.context, [one]));
    return 1;
  });
  return Math.round(rate);
}

const results: Record<string, unknown>[] = [];
for (const store of benchStores()) {
  const db = await store.open();
  const shop = await openShop(db, catalogue);
  const random = seededRandom(7);
  const kinds = { 'one hot item': () => 0, [`${catalogue} items`]: () => Math.floor(random() * catalogue) };
  for (const [items, itemOf] of Object.entries(kinds)) {
    const single = await perOrder(db, shop, itemOf);
    for (const batch of BATCHES) {
      const { engine, direct } = await measure(db, shop, batch, itemOf);
      const result = {
        store: store.name,
        items,
        batch,
        engineLinesPerSecond: engine,
        directLinesPerSecond: direct,
        engineToDirect: ratio(engine, direct),
        oneTransactionPerOrder: single,
        batchedToSingle: ratio(engine, single),
      };
      results.push(result);
      console.error(
        `${store.name}, ${items}, batches of ${batch}: engine ${engine} lines/s, direct SQL ${direct} (ratio ${result.engineToDirect}), one transaction per order ${single}`,
      );
    }
  }
  await db.close();
  await store.remove();
}
console.log(JSON.stringify({ bench: 'posting', ...machine(), results }));
