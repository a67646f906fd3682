import { type AnyPlatform, NO_LOCATION } from '../platform/contract.ts';
import { type HttpRequest, type HttpResponse, type Transport, TransportError } from '../platform/http.ts';
import type { Sandbox } from '../platform/sandbox.ts';
import type { Clock } from '../runtime/clock.ts';
import { seededRandom } from '../runtime/random.ts';
import { makeCatalogue, type PlaceMap, seedFor, type WorldItem } from './catalogue.ts';
import { listen } from './listen.ts';
import { type Faults, Network, type NetworkCounts } from './network.ts';
import { type Habits, type ShopFront, Shoppers } from './shoppers.ts';
import { ledgerErrorUnits, type ToldRow, type TruthRow, toldErrorUnits, toldRows, truthOf } from './truth.ts';

export interface WorldOptions {
  platforms: AnyPlatform[];
  /** Accounts per platform. Default 1. */
  perPlatform?: number;
  /** How many, or exactly these. */
  items: number | WorldItem[];
  /** The owner's places. Default: warehouses W1 and W2, shop S1. */
  locations?: { id: string; name: string }[];
  /** Which of them have a till. Default: the last. */
  tills?: string[];
  seed: number;
  factor: number;
  clock: Clock;
  /** Happen only between {@link World.faultsOn} and {@link World.faultsOff}. */
  faults?: Faults;
  latencyMs?: [number, number];
  unlimited?: boolean;
  habits?: Partial<Habits>;
  followUpMs?: [number, number];
  /** Where webhooks arrive. May be set later: {@link World.deliverTo}. Without it they meet a closed door. */
  deliverTo?: (hook: HttpRequest) => Promise<HttpResponse>;
}

/** One account at one platform, with the line to it. */
export interface WorldChannel {
  name: string;
  platform: AnyPlatform;
  sandbox: Sandbox;
  /** The owner's places in the platform's words. */
  places: PlaceMap;
  network: Network;
  /** Where its API is: a made-up host in process, a loopback port after {@link World.listen}. */
  api: string;
}

const PLACES = [
  { id: 'W1', name: 'Main warehouse' },
  { id: 'W2', name: 'Second warehouse' },
  { id: 'S1', name: 'High street shop' },
];

/**
 * Everything that is not Onhand: the platforms with their stock, the people who buy, and the line in between. All of it
 * follows from one seed and runs on the given clock.
 *
 * Every sandbox starts with the whole catalogue, as shops that sell one common stock do. Platforms with places carry each of
 * the owner's places under an id of their own; platforms with one pool carry the sum.
 */
class World {
  readonly channels: WorldChannel[] = [];
  readonly items: WorldItem[];
  readonly locations: { id: string; name: string }[];
  readonly shoppers: Shoppers;
  deliverTo: (hook: HttpRequest) => Promise<HttpResponse>;
  readonly #servers: { close: () => Promise<void> }[] = [];
  readonly #options: WorldOptions;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.locations = options.locations ?? PLACES;
    const ours = this.locations.map(({ id }) => id);
    this.deliverTo = options.deliverTo ?? (() => Promise.reject(new TransportError('nobody listens', false)));
    this.items =
      typeof options.items === 'number'
        ? makeCatalogue({ items: options.items, locations: ours, random: this.#random('catalogue') })
        : options.items;
    for (const platform of options.platforms) {
      // Tills of a shop that is here already: what they sell, its stand-in sells.
      if (platform.facts.account) continue;
      const pool = isPool(platform, options.clock);
      for (let nth = 1; nth <= (options.perPlatform ?? 1); nth++) this.#open(platform, pool, nth);
    }
    this.shoppers = new Shoppers({
      fronts: this.fronts(),
      skus: this.items.map((item) => item.sku),
      clock: options.clock,
      random: this.#random('shoppers'),
      habits: options.habits,
      followUpMs: options.followUpMs?.map((ms) => ms / options.factor) as [number, number] | undefined,
    });
  }

  /** Where people can buy. */
  fronts(): ShopFront[] {
    const tills = this.#options.tills ?? this.locations.slice(-1).map(({ id }) => id);
    return this.channels.map(({ name, sandbox, places }) => ({
      name,
      sandbox,
      tills: places.kind === 'pool' ? [] : tills.map((location) => places.idOf[location]!),
    }));
  }

  /** The settings a merchant would paste. `hook` is the engine's public address for this channel. */
  configOf(channel: WorldChannel, hook: string): Record<string, unknown> {
    return channel.sandbox.config({ api: channel.api, hook });
  }

  /** Calls go to the sandbox whose host they name, over its line, without a socket. */
  transport(): Transport {
    return (request, { timeoutMs, signal }) => {
      const { host } = new URL(request.url);
      const channel = this.channels.find(({ api }) => new URL(api).host === host);
      if (!channel) return Promise.reject(new TransportError(`there is no ${host} in this world`, false));
      return this.#inTime(channel.network.call(request, channel.sandbox), timeoutMs, signal);
    };
  }

  /** Puts every API on a loopback port of its own. Settings asked for before hold the old address. */
  async listen(): Promise<void> {
    for (const channel of this.channels) {
      const server = await listen({ handle: (request) => channel.network.call(request, channel.sandbox) });
      this.#servers.push(server);
      channel.api = server.url;
    }
  }

  faultsOn(): void {
    for (const { network } of this.channels) network.faultsOn();
  }

  faultsOff(): void {
    for (const { network } of this.channels) network.faultsOff();
  }

  /** All lines together. */
  networkCounts(): NetworkCounts {
    const [first, ...others] = this.channels.map(({ network }) => network.counts);
    const sum = { ...first! };
    for (const counts of others) for (const key of Object.keys(sum) as (keyof NetworkCounts)[]) sum[key] += counts[key];
    return sum;
  }

  /** What each sandbox's own book says, in the owner's words. */
  books(): ToldRow[] {
    return this.channels.flatMap(({ name, places, sandbox }) => toldRows(name, places, sandbox.book()));
  }

  /** Per SKU: opening, and what all books together say is committed and out. */
  truth(): TruthRow[] {
    return truthOf(this.items, this.books());
  }

  /** @param ledger rows by item and place; see {@link ledgerErrorUnits} for the rule. */
  ledgerErrorUnits(ledger: Iterable<{ sku: string; onHand: number; committed: number }>): number {
    return ledgerErrorUnits(this.truth(), ledger);
  }

  /** @param posted each channel's movements summed by item and place of the owner; see {@link toldErrorUnits}. */
  toldErrorUnits(posted: Parameters<typeof toldErrorUnits>[1]): number {
    return toldErrorUnits(this.books(), posted);
  }

  /** Units the platforms sold beyond what they showed: theirs, not ours. */
  channelOversoldUnits(): number {
    return this.channels.reduce((sum, { sandbox }) => sum + sandbox.oversold(), 0);
  }

  /** No shopper has plans, no sandbox has a webhook or write to settle, nothing is on the line. */
  quiet(): boolean {
    return this.shoppers.quiet() && this.channels.every(({ sandbox, network }) => sandbox.quiet() && network.quiet());
  }

  async close(): Promise<void> {
    this.shoppers.close();
    for (const { network, sandbox } of this.channels) {
      network.close();
      sandbox.close();
    }
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  #random(purpose: string) {
    return seededRandom(seedFrom(this.#options.seed, purpose));
  }

  #open(platform: AnyPlatform, pool: boolean, nth: number): void {
    const { clock, factor, faults = {}, latencyMs, unlimited } = this.#options;
    const name = `${platform.facts.id}-${nth}`;
    // Digits only: some vendors number their places, none minds a number.
    const ids = this.locations.map((_, index) => String(68_000_000_000 + this.channels.length * 100 + index + 1));
    const places: PlaceMap = pool
      ? { kind: 'pool', id: ids[0]!, of: this.locations.map(({ id }) => id) }
      : { kind: 'places', idOf: Object.fromEntries(this.locations.map(({ id }, index) => [id, ids[index]!])) };
    const network = new Network({ clock, factor, faults, latencyMs, random: this.#random(`network ${name}`) });
    const sandbox = platform.sandbox({
      clock,
      factor,
      name,
      unlimited,
      random: this.#random(`sandbox ${name}`),
      locations: this.locations
        .slice(0, pool ? 1 : undefined)
        .map((place, index) => ({ id: ids[index]!, name: place.name })),
      deliver: (hook) => network.hook(hook, (request) => this.deliverTo(request)),
    });
    sandbox.seed(seedFor(this.items, places));
    this.channels.push({ name, platform, sandbox, places, network, api: `https://${name}.sandbox.test` });
  }

  /** The line's own time-out: the platform may have acted, nobody heard. */
  #inTime(answer: Promise<HttpResponse>, timeoutMs: number, signal?: AbortSignal): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const give = (why: string) => () => {
        end();
        reject(new TransportError(why, true));
      };
      const abort = give('given up');
      const cancel = this.#options.clock.after(timeoutMs, give(`no answer within ${timeoutMs} ms`));
      const end = () => {
        cancel();
        signal?.removeEventListener('abort', abort);
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      answer.then(resolve, reject).finally(end);
    });
  }
}

export type { World };

export const createWorld = (options: WorldOptions): World => new World(options);

/** Does the platform keep one pool of stock? Asked of a stand-in with two places: a pool shows one of them at most. */
function isPool(platform: AnyPlatform, clock: Clock): boolean {
  const probe = platform.sandbox({
    clock,
    random: seededRandom(1),
    name: 'probe',
    factor: 1,
    locations: [
      { id: '1', name: 'one' },
      { id: '2', name: 'two' },
    ],
    deliver: () => Promise.reject(new TransportError('a probe sends nothing', false)),
  });
  probe.seed([{ sku: 'probe', title: 'probe', stock: { '1': 1, '2': 1 } }]);
  const shown = new Set(probe.shown().map((row) => row.location));
  probe.close();
  return shown.size === 1 || shown.has(NO_LOCATION);
}

/** FNV-1a: the same seed and purpose give the same numbers, another purpose quite different ones. */
function seedFrom(seed: number, purpose: string): number {
  let hash = 2_166_136_261 ^ seed;
  for (const character of purpose) hash = Math.imul(hash ^ character.codePointAt(0)!, 16_777_619);
  return hash >>> 0;
}
