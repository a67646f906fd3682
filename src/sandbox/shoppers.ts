import type { BuyLine, Sandbox } from '../platform/sandbox.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { heavyTail } from './heavy-tail.ts';

/** A shop that people can buy in: a sandbox, and the tills it has. */
export interface ShopFront {
  name: string;
  sandbox: Sandbox;
  /** The platform's ids of places with a till; empty: online only. */
  tills: string[];
  /** How often it is chosen against the others. Default 1. */
  weight?: number;
}

/** How people behave: chances of 0–1. */
export interface Habits {
  /** A basket's lines: each further line with this chance. */
  anotherLine: number;
  anotherUnit: number;
  /** Sold at a till, where the shop has one. */
  atTill: number;
  /** Of online orders: not paid at once. Half of those are paid later, the rest cancelled or left. */
  unpaid: number;
  /** Of paid online orders: cancelled before anything is sent. */
  cancelled: number;
  /** Of the rest: sent in full · in two parcels. What is left stays open. */
  sent: number;
  sentInTwo: number;
  /** Of goods that went: a unit comes back, and is then put back on the shelf with `restocked`. */
  refunded: number;
  restocked: number;
  /** Staff change a number by hand instead of a sale. */
  edited: number;
}

const HABITS: Habits = {
  anotherLine: 0.35,
  anotherUnit: 0.25,
  atTill: 0.3,
  unpaid: 0.08,
  cancelled: 0.06,
  sent: 0.75,
  sentInTwo: 0.12,
  refunded: 0.06,
  restocked: 0.6,
  edited: 0,
};

export interface ShopperCounts {
  /** Placed and taken. */
  orders: number;
  unitsSold: number;
  /** The shop said no. */
  refused: number;
  tillSales: number;
  payments: number;
  cancellations: number;
  fulfilments: number;
  refunds: number;
  restocks: number;
  edits: number;
}

export interface ShoppersOptions {
  fronts: ShopFront[];
  skus: string[];
  clock: Clock;
  random: Random;
  habits?: Partial<Habits>;
  /** Between an order and what follows it (payment, parcel, return), each [least, most]. Default 200 ms to 5 s. */
  followUpMs?: [number, number];
}

const CATCH_UP_MS = 250;

/** Seeded crowds over several sandboxes. Nobody does more than asked: not more orders, and not faster. */
export class Shoppers {
  readonly counts: ShopperCounts = {
    orders: 0,
    unitsSold: 0,
    refused: 0,
    tillSales: 0,
    payments: 0,
    cancellations: 0,
    fulfilments: 0,
    refunds: 0,
    restocks: 0,
    edits: 0,
  };
  readonly #options: ShoppersOptions;
  readonly #habits: Habits;
  readonly #pick: () => number;
  readonly #cancels = new Set<() => void>();
  readonly #weightSum: number;

  constructor(options: ShoppersOptions) {
    if (options.fronts.length === 0 || options.skus.length === 0)
      throw new Error('Shoppers need a shop and something to buy.');
    this.#options = options;
    this.#habits = { ...HABITS, ...options.habits };
    this.#pick = heavyTail(options.skus.length, options.random);
    this.#weightSum = options.fronts.reduce((sum, front) => sum + (front.weight ?? 1), 0);
  }

  /**
   * Tries `orders` purchases, on the average of any stretch at most `perSecond` (a stall beyond a quarter of a second
   * is not caught up).
   * Resolves when the last was tried; what follows them (parcels, returns) may still be to come, see {@link quiet}.
   */
  async run(orders: number, perSecond: number, signal?: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let allowance = 1;
    let lastMs = clock.now();
    for (let tried = 0; tried < orders && !signal?.aborted; ) {
      for (; allowance >= 1 && tried < orders; allowance--, tried++) this.step();
      if (tried === orders) return;
      const waitMs = Math.max(1, ((1 - allowance) * 1000) / perSecond);
      await clock.sleep(waitMs, signal);
      allowance += (Math.min(clock.now() - lastMs, waitMs + CATCH_UP_MS) * perSecond) / 1000;
      lastMs = clock.now();
    }
  }

  /** One purchase (or edit), now. */
  step(): void {
    const { random } = this.#options;
    const front = this.#front();
    if (random() < this.#habits.edited) {
      this.#edit(front);
      return;
    }
    const lines = this.#basket();
    const till = front.tills.length > 0 && random() < this.#habits.atTill;
    const location = till ? front.tills[Math.floor(random() * front.tills.length)]! : null;
    const paid = till || random() >= this.#habits.unpaid;
    const bought = front.sandbox.shopper.buy({ lines, location, paid });
    if (!bought.ok) {
      this.counts.refused += 1;
      return;
    }
    this.counts.orders += 1;
    this.counts.unitsSold += lines.reduce((sum, line) => sum + line.quantity, 0);
    if (till) this.counts.tillSales += 1;
    this.#follow(front, bought.order, lines, { till, paid, decided: random() });
  }

  /** Nothing is to follow any more. */
  quiet(): boolean {
    return this.#cancels.size === 0;
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }

  #front(): ShopFront {
    let aim = this.#options.random() * this.#weightSum;
    for (const front of this.#options.fronts) {
      aim -= front.weight ?? 1;
      if (aim < 0) return front;
    }
    return this.#options.fronts.at(-1)!;
  }

  #basket(): BuyLine[] {
    const { random, skus } = this.#options;
    const units = new Map<string, number>();
    do {
      let quantity = 1;
      while (quantity < 5 && random() < this.#habits.anotherUnit) quantity += 1;
      const sku = skus[this.#pick()]!;
      units.set(sku, (units.get(sku) ?? 0) + quantity);
    } while (units.size < 8 && random() < this.#habits.anotherLine);
    return [...units].map(([sku, quantity]) => ({ sku, quantity }));
  }

  #edit(front: ShopFront): void {
    const { random, skus } = this.#options;
    const shown = front.sandbox.shown();
    const places = [...new Set(shown.map((row) => row.location))];
    const place = places[Math.floor(random() * places.length)]!;
    if (front.sandbox.shopper.edit(skus[this.#pick()]!, place, Math.floor(random() * 30))) this.counts.edits += 1;
  }

  /** Decides now what will become of an order, and does it later. */
  #follow(
    front: ShopFront,
    order: string,
    lines: BuyLine[],
    { till, paid, decided }: { till: boolean; paid: boolean; decided: number },
  ): void {
    const { shopper } = front.sandbox;
    const habits = this.#habits;
    if (!paid) {
      if (decided < 0.5)
        this.#later(() => {
          if (shopper.pay?.(order)) this.counts.payments += 1;
          this.#later(() => this.#send(front, order, lines, this.#options.random()));
        });
      else if (decided < 0.8) this.#later(() => this.#cancel(front, order));
    } else if (till) this.#comesBack(front, order, lines);
    else if (decided < habits.cancelled) this.#later(() => this.#cancel(front, order));
    else this.#later(() => this.#send(front, order, lines, (decided - habits.cancelled) / (1 - habits.cancelled)));
  }

  #cancel(front: ShopFront, order: string): void {
    if (front.sandbox.shopper.cancel(order)) this.counts.cancellations += 1;
  }

  #send(front: ShopFront, order: string, lines: BuyLine[], decided: number): void {
    const { shopper } = front.sandbox;
    const habits = this.#habits;
    if (decided < habits.sent) {
      if (!shopper.fulfil(order)) return;
      this.counts.fulfilments += 1;
      this.#comesBack(front, order, lines);
    } else if (decided < habits.sent + habits.sentInTwo) {
      if (shopper.fulfil(order, [{ sku: lines[0]!.sku, quantity: 1 }])) this.counts.fulfilments += 1;
      this.#later(() => {
        if (shopper.fulfil(order)) this.counts.fulfilments += 1;
        this.#comesBack(front, order, lines);
      });
    }
  }

  #comesBack(front: ShopFront, order: string, lines: BuyLine[]): void {
    const { random } = this.#options;
    if (random() >= this.#habits.refunded) return;
    const line = lines[Math.floor(random() * lines.length)]!;
    const quantity = random() < 0.5 ? line.quantity : 1;
    const restock = random() < this.#habits.restocked;
    this.#later(() => {
      if (!front.sandbox.shopper.refund(order, { sku: line.sku, quantity }, restock)) return;
      this.counts.refunds += 1;
      if (restock) this.counts.restocks += 1;
    });
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
