import { type Budgets, createBudgets } from '../../../platform/budget.ts';
import { createClient } from '../../../platform/client.ts';
import type { Client, Delivery } from '../../../platform/contract.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { SandboxOptions, SeedItem } from '../../../platform/sandbox.ts';
import type { Clock } from '../../../runtime/clock.ts';
import { seededRandom } from '../../../runtime/random.ts';
import { type ShopifyConfig, shopifyConfig } from '../config.ts';
import type { ShopifyOp } from '../facts.ts';
import { shopify } from '../index.ts';
import { type ShopifySandbox, shopifySandbox } from '../sandbox.ts';

/** A clock that tests move. */
export interface TestClock extends Clock {
  advance(ms: number): Promise<void>;
  run<T>(work: Promise<T>): Promise<T>;
}

/** What the line does with one call instead of carrying it; undefined: carries it. */
export type Line = (request: HttpRequest, carry: () => Promise<HttpResponse>) => Promise<HttpResponse> | undefined;

/** The stand-in, and a real client to it, on one virtual clock; every exchange and every webhook is kept. */
export interface Bench {
  clock: TestClock;
  sandbox: ShopifySandbox;
  client: Client<ShopifyOp>;
  budgets: Budgets;
  exchanges: { request: HttpRequest; response: HttpResponse }[];
  deliveries: Delivery[];
  config(): ShopifyConfig;
  configure(config: ShopifyConfig): void;
  /** Lets time pass until the work is done. */
  run<T>(work: Promise<T>): Promise<T>;
  line?: Line;
}

export const EAST = '68000000001';
export const WEST = '68000000002';

export const MUG: SeedItem = { sku: 'MUG', title: 'Mug', stock: { [EAST]: 10, [WEST]: 5 } };
export const HAT: SeedItem = { sku: 'HAT', title: 'Hat', stock: { [EAST]: 3, [WEST]: 0 } };

export function openBench(clock: TestClock, more: Partial<SandboxOptions> = {}): Bench {
  const deliveries: Delivery[] = [];
  const sandbox = shopifySandbox({
    clock,
    random: seededRandom(11),
    name: 'mugs',
    locations: [
      { id: EAST, name: 'East' },
      { id: WEST, name: 'West' },
    ],
    factor: 1,
    deliver: async (hook) => {
      deliveries.push(deliveryOf(hook, clock));
      return jsonResponse(200, '');
    },
    ...more,
  });
  let config = shopifyConfig.parse(
    sandbox.config({ api: 'https://shopify.test', hook: 'https://onhand.test/hooks/1' }),
  );
  const budgets = createBudgets(shopify.facts, clock, { factor: more.factor ?? 1 });
  const bench: Bench = {
    clock,
    sandbox,
    budgets,
    deliveries,
    exchanges: [],
    client: createClient<ShopifyConfig, ShopifyOp>({
      platform: shopify,
      config: () => config,
      saveConfig: async (next) => {
        config = next;
      },
      transport: async (request) => {
        const carry = () => sandbox.handle(request);
        const response = await (bench.line?.(request, carry) ?? carry());
        bench.exchanges.push({ request, response });
        return response;
      },
      clock,
      random: seededRandom(3),
      budgets,
    }),
    config: () => config,
    configure: (next) => {
      config = next;
    },
    run: (work) => clock.run(work),
  };
  return bench;
}

function deliveryOf(hook: HttpRequest, clock: Clock): Delivery {
  return {
    method: hook.method,
    path: new URL(hook.url).pathname,
    headers: hook.headers,
    body: typeof hook.body === 'string' ? Buffer.from(hook.body) : (hook.body ?? new Uint8Array()),
    receivedAt: new Date(clock.now()).toISOString(),
  };
}

/** The operation names of the GraphQL calls so far, and how often each was sent. */
export function sent(bench: Bench): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { request } of bench.exchanges) {
    const name = /(?:query|mutation) (\w+)/.exec(String(request.body))?.[1] ?? new URL(request.url).pathname;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
