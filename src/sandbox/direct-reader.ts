import type { Doc, Line } from '../domain/document.ts';
import { createBudgets } from '../platform/budget.ts';
import { createClient } from '../platform/client.ts';
import type { Client, Delivery, RemoteLevel, RemoteListing, Signal } from '../platform/contract.ts';
import { Failure } from '../platform/failure.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../platform/http.ts';
import { compareRevisions } from '../platform/rev.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { World, WorldChannel } from './world.ts';

/**
 * The least that can listen to a channel: a connector with its real client, and the newest state of every document. No
 * ledger, no lanes, no judgement: what it knows in the end is what the connector was told and understood.
 */
export class DirectReader {
  readonly docs = new Map<string, Doc>();
  readonly listings = new Map<string, RemoteListing>();
  /** What must not happen: refused deliveries, undecodable ones. */
  readonly complaints: string[] = [];
  readonly counts = { deliveries: 0, handshakes: 0, signals: 0, fetches: 0, polls: 0 };
  readonly hookUrl: string;
  readonly client: Client;
  config: { account: string };
  readonly #channel: WorldChannel;
  readonly #clock: Clock;
  readonly #cursors = new Map<string, string>();
  readonly #toFetch = new Set<string>();
  #since = '';
  #fetching: Promise<void> | undefined;

  constructor(channel: WorldChannel, world: World, options: { clock: Clock; random: Random; factor: number }) {
    this.#channel = channel;
    this.#clock = options.clock;
    this.hookUrl = `https://onhand.test/hooks/${channel.name}`;
    const { platform } = channel;
    this.config = platform.config.parse(world.configOf(channel, this.hookUrl));
    this.client = createClient({
      platform,
      config: () => this.config,
      saveConfig: async (config) => {
        this.config = config;
      },
      transport: world.transport(),
      clock: options.clock,
      random: options.random,
      budgets: createBudgets(platform.facts, options.clock, { factor: options.factor }),
    });
  }

  /** Reads the catalogue, remembers where the feeds start, registers the webhook. */
  async start(options: { hooks: boolean }): Promise<void> {
    const { platform } = this.#channel;
    this.#since = new Date(this.#clock.now()).toISOString();
    let cursor: string | null = null;
    do {
      const page = await platform.listListings(this.client, this.config, cursor);
      for (const listing of page.items) this.listings.set(listing.listing, listing);
      cursor = page.next;
    } while (cursor !== null);
    if (!options.hooks || !platform.subscribe) return;
    const { config } = await platform.subscribe(this.client, this.config, this.hookUrl);
    if (config) this.config = platform.config.parse({ ...this.config, ...config });
  }

  /** The webhook entrance. */
  async receive(hook: HttpRequest): Promise<HttpResponse> {
    const url = new URL(hook.url);
    return this.#take({
      method: hook.method,
      path: url.pathname + url.search,
      headers: hook.headers,
      body: typeof hook.body === 'string' ? Buffer.from(hook.body) : (hook.body ?? new Uint8Array()),
      receivedAt: new Date(this.#clock.now()).toISOString(),
    });
  }

  /** Empties the queue, where the platform has one instead of webhooks. @returns how many messages there were. */
  async drainQueue(): Promise<number> {
    const { platform } = this.#channel;
    if (!platform.receive) return 0;
    const messages = await platform.receive(this.client, this.config);
    for (const { delivery } of messages) await this.#take(delivery);
    if (messages.length > 0)
      await platform.acknowledge?.(
        this.client,
        this.config,
        messages.map(({ handle }) => handle),
      );
    return messages.length;
  }

  /** Empties the queue again and again until told to stop. */
  async watchQueue(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const messages = await this.drainQueue().catch((error: unknown) => this.#orPassing(error));
      if (messages === 0) await this.#clock.sleep(1_000, signal);
    }
  }

  /** Every order feed, until it has no more to tell. Throws what the client throws; the cursors told so far are kept. */
  async poll(): Promise<void> {
    const { platform } = this.#channel;
    for (const [feed, facts] of Object.entries(platform.facts.feeds)) {
      if (facts.tells !== 'orders') continue;
      for (let more = true; more; ) {
        this.counts.polls += 1;
        const page = await platform.poll(this.client, this.config, feed, this.#cursors.get(feed) ?? null, this.#since);
        for (const signal of page.signals) this.#hear(signal);
        this.#cursors.set(feed, page.cursor);
        more = page.more;
      }
    }
    await this.fetchAll();
  }

  /** Fetches what is known to have changed; one at a time, each document once. */
  fetchAll(): Promise<void> {
    this.#fetching ??= this.#fetchLoop().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async levels(): Promise<RemoteLevel[]> {
    const { platform } = this.#channel;
    const levels: RemoteLevel[] = [];
    let cursor: string | null = null;
    do {
      const page = await platform.listLevels(this.client, this.config, cursor);
      levels.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    return levels;
  }

  async #take(delivery: Delivery): Promise<HttpResponse> {
    const { platform } = this.#channel;
    this.counts.deliveries += 1;
    const verdict = platform.verify(delivery, this.config, this.#clock.now());
    if (verdict.verdict === 'handshake') {
      this.counts.handshakes += 1;
      return jsonResponse(verdict.reply.status, verdict.reply.body ?? '', verdict.reply.headers);
    }
    if (verdict.verdict === 'refused') {
      this.complaints.push(`refused (${verdict.why}): ${verdict.say}`);
      return jsonResponse(401, '');
    }
    try {
      for (const signal of platform.decode(delivery, verdict.topic, this.config)) this.#hear(signal);
    } catch (error) {
      this.complaints.push(`${verdict.topic} could not be decoded: ${String(error)}`);
    }
    void this.fetchAll().catch((error: unknown) => this.complaints.push(`fetch failed: ${String(error)}`));
    return jsonResponse(200, '');
  }

  #hear(signal: Signal): void {
    this.counts.signals += 1;
    if (signal.kind === 'document') {
      if (!this.#apply(signal.doc, false)) this.#toFetch.add(signal.doc.doc);
    } else if (signal.kind === 'document-changed' || signal.kind === 'document-gone') this.#toFetch.add(signal.doc);
    else if (signal.kind === 'access-lost') this.complaints.push(`access lost: ${signal.why}`);
  }

  /** @returns false when it cannot be told whether this state is newer than the one we have. */
  #apply(doc: Doc, fetched: boolean): boolean {
    const known = this.docs.get(doc.doc);
    const order = known ? compareRevisions(this.#channel.platform.facts.revision, doc.rev, known.rev) : 'newer';
    if (!fetched && order === 'older') return true;
    const next = known && !doc.whole ? { ...doc, whole: known.whole, lines: mergeLines(known.lines, doc.lines) } : doc;
    if (!fetched && order !== 'newer') return known !== undefined && stockOf(next) === stockOf(known);
    if (!known && !doc.whole) return false;
    this.docs.set(doc.doc, next);
    return true;
  }

  /** What passes by itself is no complaint. */
  #orPassing(error: unknown): 0 {
    if (!isPassing(error)) this.complaints.push(String(error));
    return 0;
  }

  async #fetchLoop(): Promise<void> {
    const { platform } = this.#channel;
    for (const doc of this.#toFetch) {
      this.#toFetch.delete(doc);
      this.counts.fetches += 1;
      try {
        const state = await platform.fetchDocument(this.client, this.config, doc);
        if (state !== 'gone') this.#apply(state, true);
        else if (this.docs.has(doc)) this.docs.set(doc, withoutCommitments(this.docs.get(doc)!));
      } catch (error) {
        this.#toFetch.add(doc);
        if (!isPassing(error)) throw error;
        await this.#clock.sleep(Math.max(1_000, error.retryAfterMs ?? 0));
      }
    }
  }
}

/** Will the same read, asked again later, do? */
export const isPassing = (error: unknown): error is Failure =>
  error instanceof Failure && ['throttled', 'transient', 'unknown-outcome'].includes(error.failure);

const stockOf = (doc: Doc): string =>
  JSON.stringify(
    doc.lines.map((line) => [
      line.line,
      line.listing,
      [...line.parts].sort((a, b) => placeOrder(a.location, b.location)),
    ]),
  );

const placeOrder = (a: string | null, b: string | null): number => String(a).localeCompare(String(b));

function mergeLines(known: Line[], told: Line[]): Line[] {
  const newer = new Map(told.map((line) => [line.line, line]));
  const merged = known.map((line) => newer.get(line.line) ?? line);
  const old = new Set(known.map((line) => line.line));
  return [...merged, ...told.filter((line) => !old.has(line.line))];
}

const withoutCommitments = (doc: Doc): Doc => ({
  ...doc,
  lines: doc.lines.map((line) => ({ ...line, parts: line.parts.map((part) => ({ ...part, committed: 0 })) })),
});
