import { createBudgets } from '../../../platform/budget.ts';
import { createClient } from '../../../platform/client.ts';
import type { Client, Delivery, Target } from '../../../platform/contract.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { virtualClock } from '../../../platform/testing/virtual-clock.ts';
import { seededRandom } from '../../../runtime/random.ts';
import { type ZohoConfig, zohoConfig } from '../config.ts';
import type { ZohoOp } from '../facts.ts';
import { zoho } from '../index.ts';
import { type ZohoSandbox, zohoSandbox } from '../sandbox.ts';

const HOOK = 'https://onhand.test/hooks/zoho/1';
/** Two locations, by their ids. */
export const [MAIN, SHOP] = ['460000000038080', '460000000038090'] as const;

/** The stand-in and a real client to it on one virtual clock; every exchange and every delivery is kept. */
export interface Bench {
  sandbox: ZohoSandbox;
  client: Client<ZohoOp>;
  config: ZohoConfig;
  exchanges: { request: HttpRequest; response: HttpResponse }[];
  deliveries: Delivery[];
  /** Answers instead of the stand-in; undefined: the stand-in does. */
  line?: (request: HttpRequest, carry: () => Promise<HttpResponse>) => Promise<HttpResponse> | undefined;
  run<T>(work: (client: Client<ZohoOp>, config: ZohoConfig) => Promise<T>): Promise<T>;
  advance(ms: number): Promise<void>;
  now(): number;
  target(sku: string, location: string, want: number): Target;
  shown(sku: string, location: string): number | undefined;
}

const SKUS = ['MUG', 'HAT', 'TEE'];

export const itemId = (sku: string): string => String(4_815_000_000_044_001 + SKUS.indexOf(sku));

/** MUG, HAT and TEE, ten of each in both locations. */
export function openBench(more: Partial<SandboxOptions> = {}, settings: Partial<ZohoConfig> = {}): Bench {
  const clock = virtualClock(Date.UTC(2026, 10, 24));
  const sandbox = zohoSandbox({
    clock,
    random: seededRandom(11),
    name: 'mugs',
    locations: [
      { id: MAIN, name: 'Main' },
      { id: SHOP, name: 'Shop' },
    ],
    factor: 1,
    deliver: async (hook) => {
      const { pathname, search } = new URL(hook.url);
      const body = Buffer.from(hook.body ?? '');
      bench.deliveries.push({ method: 'POST', path: `${pathname}${search}`, headers: {}, body, receivedAt: '' });
      return jsonResponse(200, '');
    },
    ...more,
  });
  sandbox.seed(SKUS.map((sku) => ({ sku, title: sku, stock: { [MAIN]: 10, [SHOP]: 10 } })));
  const config = zohoConfig.parse({ ...sandbox.config({ api: 'https://zoho.test', hook: HOOK }), ...settings });
  const bench: Bench = {
    sandbox,
    config,
    exchanges: [],
    deliveries: [],
    client: createClient<ZohoConfig, ZohoOp>({
      platform: zoho,
      config: () => bench.config,
      saveConfig: async (config) => {
        bench.config = config;
      },
      transport: async (request) => {
        const carry = () => sandbox.handle(request);
        const response = await (bench.line?.(request, carry) ?? carry());
        bench.exchanges.push({ request, response });
        return response;
      },
      clock,
      random: seededRandom(3),
      budgets: createBudgets(zoho.facts, clock, { factor: 1 }),
    }),
    run: (work) => clock.run(work(bench.client, bench.config)),
    advance: (ms) => clock.advance(ms),
    now: () => clock.now(),
    target: (sku, location, want) => ({
      cell: { stockKey: itemId(sku), location },
      want,
      expect: bench.shown(sku, location) ?? 0,
      asOf: new Date(clock.now()).toISOString(),
      key: `key-${sku}-${location}-${want}`,
      why: 'sync',
    }),
    shown: (sku, location) => sandbox.shown().find((row) => row.sku === sku && row.location === location)?.available,
  };
  return bench;
}
