import { AsyncLocalStorage } from 'node:async_hooks';
import { seededRandom } from '../../runtime/random.ts';
import { type Budgets, createBudgets } from '../budget.ts';
import { createClient } from '../client.ts';
import type { CallEvent } from '../client-options.ts';
import type { AnyPlatform, CellKey, Client, Delivery, Page, RemoteLevel, RemoteListing, Verdict } from '../contract.ts';
import { Failure } from '../failure.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';
import type { Sandbox, SeedItem } from '../sandbox.ts';
import { Listener } from './listener.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

export const PLACES = [
  { id: '70000000001', name: 'Main warehouse' },
  { id: '70000000002', name: 'High street shop' },
];
export const HOOK_URL = 'https://onhand.test/hooks/contract';
/** On each of {@link PLACES}, unless said otherwise. */
const STOCK = 20;

export interface BenchOptions {
  /** Tracked items, SKU-001 … Default 6. */
  items?: number;
  stock?: number;
  /** false: webhooks are lost on the way. Default true. */
  hooks?: boolean;
  /** false: no webhook is registered. Default true. */
  subscribe?: boolean;
  /** Up to this long there, and as long back, each its own. */
  latencyMs?: number;
}

type Config = { account: string } & Record<string, unknown>;

/** What the line does with one call instead of carrying it; undefined: carries it. */
export type Line = (
  op: string,
  carry: () => Promise<HttpResponse>,
  request: HttpRequest,
) => Promise<HttpResponse> | undefined;

/**
 * A platform's stand-in and the real client to it, on one virtual clock: hours of vendor delays pass in milliseconds. The
 * vendor's limits are its own (factor 1).
 */
export class Bench {
  readonly clock: VirtualClock = virtualClock(Date.UTC(2026, 2, 2, 8));
  readonly sandbox: Sandbox;
  readonly budgets: Budgets;
  readonly client: Client;
  readonly listener: Listener;
  readonly events: CallEvent[] = [];
  /** Verified deliveries in the order they came, webhooks and queue messages alike. */
  readonly deliveries: { delivery: Delivery; topic: string }[] = [];
  readonly refusals: Extract<Verdict, { verdict: 'refused' }>[] = [];
  readonly saved: Config[] = [];
  config: Config;
  line: Line | undefined;
  hooks: boolean;
  /** As `facts.push` has no such thing: what every cell showed when everything was seeded. */
  readonly opening = new Map<string, number>();
  readonly listings = new Map<string, RemoteListing>();
  private readonly random = seededRandom(7);
  private readonly operation = new AsyncLocalStorage<string>();
  private readonly startedAt: string;
  private readonly cursors = new Map<string, string>();

  constructor(
    readonly platform: AnyPlatform,
    private readonly options: BenchOptions,
  ) {
    this.hooks = options.hooks ?? true;
    this.sandbox = platform.sandbox({
      clock: this.clock,
      random: seededRandom(11),
      name: 'contract',
      locations: PLACES,
      factor: 1,
      deliver: (hook) => this.take(hook),
    });
    this.config = platform.config.parse(this.sandbox.config({ api: 'https://platform.test', hook: HOOK_URL }));
    this.budgets = createBudgets(platform.facts, this.clock);
    this.client = this.newClient();
    this.listener = new Listener(
      platform,
      () => this.client,
      () => this.config,
    );
    this.startedAt = new Date(this.clock.now()).toISOString();
  }

  static async open(platform: AnyPlatform, options: BenchOptions = {}): Promise<Bench> {
    const bench = new Bench(platform, options);
    bench.sandbox.seed(items(options.items ?? 6, options.stock ?? STOCK));
    for (const { sku, location, available } of bench.sandbox.shown())
      bench.opening.set(`${sku}@${location}`, available);
    // Whatever the seeding itself set going is over before anybody listens.
    await bench.clock.advance(1_000);
    if (options.subscribe ?? true) await bench.subscribe();
    await bench.settle();
    bench.deliveries.length = 0;
    bench.events.length = 0;
    bench.saved.length = 0;
    return bench;
  }

  close(): void {
    this.sandbox.close();
  }

  /** Another client of the same account: other process, same settings. */
  newClient(budgets = this.budgets): Client {
    const client = createClient<Config, string>({
      platform: this.platform,
      config: () => this.config,
      saveConfig: async (config) => {
        await this.clock.sleep(20);
        this.saved.push(config);
        this.config = config;
      },
      transport: async (request, { signal }) => {
        const lag = () => this.clock.sleep(this.random() * (this.options.latencyMs ?? 0), signal);
        if (this.options.latencyMs) await lag();
        const carry = () => this.sandbox.handle(overTheWire(request));
        const response = await (this.line?.(this.operation.getStore() ?? '', carry, request) ?? carry());
        if (this.options.latencyMs) await lag();
        return response;
      },
      clock: this.clock,
      random: this.random,
      budgets,
      log: (event) => this.events.push(event),
    });
    return { ...client, call: (op, request) => this.operation.run(op, () => client.call(op, request)) };
  }

  /** Lets time pass until the work is done. */
  run<T>(work: (client: Client, config: Config) => Promise<T>): Promise<T> {
    return this.clock.run(work(this.client, this.config));
  }

  async subscribe(): Promise<void> {
    const { platform } = this;
    if (!platform.subscribe) return;
    const { config } = await this.run((client, now) => platform.subscribe!(client, now, HOOK_URL));
    if (config) this.config = platform.config.parse({ ...this.config, ...config });
  }

  /** Until the stand-in has nothing more to say and all of it was heard. @throws Error after a day. */
  async settle(): Promise<void> {
    for (let stepMs = 200, waitedMs = 0; waitedMs < 86_400_000; stepMs = Math.min(stepMs * 1.5, 60_000)) {
      await this.clock.advance(stepMs);
      waitedMs += stepMs;
      const drained = await this.drainQueue();
      const fetched = this.listener.toFetch.size;
      if (fetched > 0) await this.run(() => this.listener.fetchAll());
      if (drained === 0 && fetched === 0 && this.sandbox.quiet()) return;
    }
    throw new Error('the stand-in never comes to rest');
  }

  /** Every feed that tells of orders, to its end, and what it named is fetched. */
  async poll(): Promise<void> {
    for (const [feed, { tells }] of Object.entries(this.platform.facts.feeds)) {
      if (tells !== 'orders') continue;
      for (let more = true; more; ) more = (await this.pollPage(feed)).more;
    }
    await this.run(() => this.listener.fetchAll());
  }

  async pollPage(feed: string) {
    const cursor = this.cursors.get(feed) ?? null;
    const page = await this.run((client, config) => this.platform.poll(client, config, feed, cursor, this.startedAt));
    this.listener.hear(page.signals);
    // As stored and read back by another process.
    this.cursors.set(feed, JSON.parse(JSON.stringify(page.cursor)));
    return page;
  }

  /** Long enough that a feed must have told everything up to now. */
  async pollUntilComplete(): Promise<void> {
    const lags = Object.values(this.platform.facts.feeds).map(({ lagMs }) => lagMs);
    await this.poll();
    await this.clock.advance(Math.max(0, ...lags) + 60_000);
    await this.poll();
  }

  async allListings(): Promise<RemoteListing[]> {
    const listings = await this.pages((client, config, cursor) => this.platform.listListings(client, config, cursor));
    for (const listing of listings.items) this.listings.set(listing.listing, listing);
    return listings.items;
  }

  allLevels(): Promise<{ items: RemoteLevel[]; pages: number }> {
    return this.pages((client, config, cursor) => this.platform.listLevels(client, config, cursor));
  }

  async pages<T>(
    page: (client: Client, config: Config, cursor: string | null) => Promise<Page<T>>,
    between?: (pages: number) => void,
  ): Promise<{ items: T[]; pages: number }> {
    const items: T[] = [];
    let cursor: string | null = null;
    for (let pages = 1; ; pages++) {
      const answer: Page<T> = await this.run((client, config) => page(client, config, cursor));
      items.push(...answer.items);
      cursor = answer.next;
      if (cursor === null) return { items, pages };
      if (pages > 1_000) throw new Error('listing never ends');
      between?.(pages);
    }
  }

  /** In portions of `facts.read.batchMax`. */
  async readLevels(cells: readonly (CellKey & { extra?: Record<string, string> })[]): Promise<RemoteLevel[]> {
    const levels: RemoteLevel[] = [];
    const { batchMax } = this.platform.facts.read;
    for (let start = 0; start < cells.length; start += batchMax)
      levels.push(
        ...(await this.run((client, config) =>
          this.platform.readLevels(client, config, cells.slice(start, start + batchMax)),
        )),
      );
    return levels;
  }

  async drainQueue(): Promise<number> {
    const { platform } = this;
    if (!platform.receive || platform.facts.hooks.kind !== 'queue') return 0;
    const messages = await this.run((client, config) => platform.receive!(client, config));
    if (messages.length === 0) return 0;
    for (const { delivery } of messages) if (this.hooks) this.hearDelivery(delivery);
    const handles = messages.map(({ handle }) => handle);
    await this.run((client, config) => platform.acknowledge!(client, config, handles));
    return messages.length;
  }

  private async take(hook: HttpRequest): Promise<HttpResponse> {
    const delivery = deliveryOf(hook, this.clock.now());
    // What a vendor asks at set-up is answered even where its events are lost: else there is no subscription to lose them.
    const verdict = this.hooks
      ? this.hearDelivery(delivery)
      : this.platform.verify(delivery, this.config, this.clock.now());
    if (verdict.verdict === 'handshake') {
      const { status, body, headers } = verdict.reply;
      return { status, headers: headers ?? {}, body: Buffer.from(body ?? '') };
    }
    if (!this.hooks) return jsonResponse(200, '');
    return jsonResponse(verdict.verdict === 'ok' ? 200 : 401, '');
  }

  private hearDelivery(delivery: Delivery): Verdict {
    const verdict = this.platform.verify(delivery, this.config, this.clock.now());
    if (verdict.verdict === 'refused') this.refusals.push(verdict);
    if (verdict.verdict !== 'ok') return verdict;
    this.deliveries.push({ delivery, topic: verdict.topic });
    this.listener.hear(this.listener.decode(delivery, verdict.topic));
    return verdict;
  }
}

function items(count: number, stock: number): SeedItem[] {
  const tracked = Array.from({ length: count }, (_, index) => {
    const sku = skuOf(index);
    return { sku, title: `Item ${index + 1}`, stock: { [PLACES[0]!.id]: stock, [PLACES[1]!.id]: stock } };
  });
  return [...tracked, { sku: UNTRACKED, title: 'A voucher', stock: { [PLACES[0]!.id]: 0 }, untracked: true }];
}

export const UNTRACKED = 'UNTRACKED-1';
export const skuOf = (index: number): string => `SKU-${String(index + 1).padStart(3, '0')}`;

function deliveryOf(hook: HttpRequest, now: number): Delivery {
  const url = new URL(hook.url);
  return {
    method: hook.method,
    path: `${url.pathname}${url.search}`,
    headers: Object.fromEntries(Object.entries(hook.headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: typeof hook.body === 'string' ? Buffer.from(hook.body) : (hook.body ?? new Uint8Array()),
    receivedAt: new Date(now).toISOString(),
  };
}

/** Bytes, as a socket would carry them: nothing that is not text or bytes survives. */
function overTheWire(request: HttpRequest): HttpRequest {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { ...request, headers, body: request.body === undefined ? undefined : Buffer.from(request.body) };
}

export const failureOf = async (work: Promise<unknown>): Promise<Failure | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof Failure) return error;
      throw error;
    },
  );
