import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { WorldItem } from './catalogue.ts';
import type { ShopFront } from './shoppers.ts';
import type { TraceEvent, TraceLine } from './trace.ts';

export interface ReplayCounts {
  /** Sales tried, and of those refused by the shop: sales lost to the stock it showed. */
  sales: number;
  refused: number;
  unitsSold: number;
  unitsRefused: number;
  fulfilments: number;
  cancellations: number;
  unitsReturned: number;
  /** Returned units whose sale is not in the history, was refused, or that the shop would not take. */
  unitsNotReturned: number;
  corrections: number;
}

/** The catalogue that a history implies: every SKU ever sold, with stock for `cover` of what it sells (default 1: exactly enough). */
export function traceCatalogue(events: TraceEvent[], options: { locations: string[]; cover?: number }): WorldItem[] {
  const sold = new Map<string, number>();
  for (const event of events)
    if (event.kind === 'sale')
      for (const { sku, quantity } of event.lines) sold.set(sku, (sold.get(sku) ?? 0) + quantity);
  const [first, ...others] = options.locations;
  return [...sold].map(([sku, units]) => {
    const all = Math.ceil(units * (options.cover ?? 1));
    // Half at the first place, the rest in equal parts.
    const share = others.length === 0 ? 0 : Math.floor(all / 2 / others.length);
    const stock = Object.fromEntries(others.map((location) => [location, share]));
    return { sku, title: sku, stock: { [first!]: all - share * others.length, ...stock } };
  });
}

export interface TraceReplayOptions {
  events: TraceEvent[];
  fronts: ShopFront[];
  clock: Clock;
  random: Random;
  /** perSecond: so many events a second, evenly · speed: the history's own pace, so many times faster. */
  pace: { perSecond: number } | { speed: number };
  /** From a sale to its parcel, [least, most]; the history does not say. Default 200 ms to 5 s. */
  followUpMs?: [number, number];
  /** A correction of stock is nobody's sale: the caller books it (or not). Without it, it is only counted. */
  onCorrection?: (lines: TraceLine[]) => void;
}

/** An order whose history knows a return. */
interface Returnable {
  front: ShopFront;
  order: string;
  sent: boolean;
  units: number;
}

const CATCH_UP_MS = 250;

/** Sells an order history again: the same baskets, in the same order, at shops drawn by seed. */
export class TraceReplay {
  readonly counts: ReplayCounts = {
    sales: 0,
    refused: 0,
    unitsSold: 0,
    unitsRefused: 0,
    fulfilments: 0,
    cancellations: 0,
    unitsReturned: 0,
    unitsNotReturned: 0,
    corrections: 0,
  };
  readonly #options: TraceReplayOptions;
  /** Only of sales that come back later: the others need not be remembered. */
  readonly #returnable = new Map<string, Returnable>();
  readonly #returnedLater = new Set<string>();
  readonly #cancels = new Set<() => void>();

  constructor(options: TraceReplayOptions) {
    this.#options = options;
    for (const event of options.events)
      if (event.kind === 'return') for (const { of } of event.lines) if (of !== null) this.#returnedLater.add(of);
  }

  /** Resolves after the last event; parcels may still be to come, see {@link quiet}. Time lost in a stall is not caught up. */
  async run(signal?: AbortSignal): Promise<void> {
    const { events, clock, pace } = this.#options;
    let dueMs = clock.now();
    let lastAtMs = events[0]?.atMs ?? 0;
    for (const event of events) {
      dueMs += 'speed' in pace ? (event.atMs - lastAtMs) / pace.speed : 1000 / pace.perSecond;
      lastAtMs = event.atMs;
      dueMs = Math.max(dueMs, clock.now() - CATCH_UP_MS);
      if (dueMs > clock.now()) await clock.sleep(dueMs - clock.now(), signal);
      if (signal?.aborted) return;
      this.#happen(event);
    }
  }

  /** No parcel is still to be sent. */
  quiet(): boolean {
    return this.#cancels.size === 0;
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }

  #happen(event: TraceEvent): void {
    if (event.kind === 'sale') this.#sale(event.invoice, event.lines);
    else if (event.kind === 'return') this.#comesBack(event.lines);
    else {
      this.counts.corrections += 1;
      this.#options.onCorrection?.(event.lines);
    }
  }

  #sale(invoice: string, lines: TraceLine[]): void {
    const { random, fronts } = this.#options;
    const units = lines.reduce((sum, line) => sum + line.quantity, 0);
    const front = fronts[Math.floor(random() * fronts.length)]!;
    const bought = front.sandbox.shopper.buy({ lines, location: null });
    this.counts.sales += 1;
    if (!bought.ok) {
      this.counts.refused += 1;
      this.counts.unitsRefused += units;
      return;
    }
    this.counts.unitsSold += units;
    const sold: Returnable = { front, order: bought.order, sent: false, units };
    if (this.#returnedLater.has(invoice)) this.#returnable.set(invoice, sold);
    this.#later(() => this.#send(sold));
  }

  #send(sold: Returnable): void {
    if (sold.sent || !sold.front.sandbox.shopper.fulfil(sold.order)) return;
    sold.sent = true;
    this.counts.fulfilments += 1;
  }

  /** The whole order before it was sent: a cancellation. Else the goods have gone, or go now, and are put back on the shelf. */
  #comesBack(lines: (TraceLine & { of: string | null })[]): void {
    const unitsOf = new Map<string | null, number>();
    for (const { of, quantity } of lines) unitsOf.set(of, (unitsOf.get(of) ?? 0) + quantity);
    const cancelled = new Set<string | null>();
    for (const [invoice, units] of unitsOf) {
      const sold = invoice === null ? undefined : this.#returnable.get(invoice);
      if (!sold || sold.sent || sold.units !== units || !sold.front.sandbox.shopper.cancel(sold.order)) continue;
      cancelled.add(invoice);
      this.counts.cancellations += 1;
      this.counts.unitsReturned += units;
    }
    for (const { sku, quantity, of } of lines) {
      if (cancelled.has(of)) continue;
      const sold = of === null ? undefined : this.#returnable.get(of);
      if (sold) this.#send(sold);
      if (sold?.front.sandbox.shopper.refund(sold.order, { sku, quantity }, true))
        this.counts.unitsReturned += quantity;
      else this.counts.unitsNotReturned += quantity;
    }
  }

  #later(work: () => void): void {
    const { clock, random, followUpMs = [200, 5_000] } = this.#options;
    const cancel = clock.after(followUpMs[0] + random() * (followUpMs[1] - followUpMs[0]), () => {
      this.#cancels.delete(cancel);
      work();
    });
    this.#cancels.add(cancel);
  }
}
