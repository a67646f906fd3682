import { realClock } from '../../runtime/clock.ts';
import { seededRandom } from '../../runtime/random.ts';
import { readTrace, type TraceEvent, TraceReplay, traceCatalogue, type WorldItem } from '../../sandbox/index.ts';
import type { Demo } from './start.ts';

export interface Sold {
  orders: number;
  unitsSold: number;
}

interface Selling {
  perSecond: number;
  signal: AbortSignal;
  progress: (text: string) => void;
}

const TELL_EVERY_MS = 5_000;

/** Seeded shoppers try until so many orders were tried. */
export async function sellOrders(demo: Demo, options: Selling & { orders: number }): Promise<Sold> {
  const { shoppers } = demo.world;
  const telling = new AbortController();
  void (async () => {
    while (!telling.signal.aborted) {
      await realClock.sleep(TELL_EVERY_MS, telling.signal);
      if (!telling.signal.aborted) options.progress(`${shoppers.counts.orders} orders so far`);
    }
  })();
  await shoppers.run(options.orders, options.perSecond, options.signal);
  telling.abort();
  return { orders: shoppers.counts.orders, unitsSold: shoppers.counts.unitsSold };
}

export interface History {
  events: TraceEvent[];
  items: WorldItem[];
}

/** A real order history, sold again. */
export const sellTrace = {
  /** Reads the first `invoices` invoices; the catalogue is what they sell. */
  async prepare(file: string, invoices: number): Promise<History> {
    const events: TraceEvent[] = [];
    let sales = 0;
    for await (const event of readTrace(file)) {
      events.push(event);
      if (event.kind === 'sale' && ++sales >= invoices) break;
    }
    return { events, items: traceCatalogue(events, { locations: ['W1', 'W2', 'S1'], cover: 1.1 }) };
  },

  async sell(demo: Demo, history: History, options: Selling & { seed: number }): Promise<Sold> {
    const replay = new TraceReplay({
      events: history.events,
      fronts: demo.world.fronts(),
      clock: realClock,
      random: seededRandom(options.seed),
      pace: { perSecond: options.perSecond },
    });
    await replay.run(options.signal);
    return { orders: replay.counts.sales - replay.counts.refused, unitsSold: replay.counts.unitsSold };
  },
};
