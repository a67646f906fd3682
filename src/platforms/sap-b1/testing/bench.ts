import { createBudgets } from '../../../platform/budget.ts';
import { createClient } from '../../../platform/client.ts';
import type { Client, Target } from '../../../platform/contract.ts';
import type { HttpRequest, HttpResponse } from '../../../platform/http.ts';
import { jsonResponse } from '../../../platform/http.ts';
import { virtualClock } from '../../../platform/testing/virtual-clock.ts';
import { seededRandom } from '../../../runtime/random.ts';
import { type SapConfig, sapConfig } from '../config.ts';
import type { SapOp } from '../facts.ts';
import { sapB1 } from '../index.ts';
import { type SapSandbox, sapSandbox } from '../sandbox.ts';

export const MAIN = '01';
export const SHOP = '02';

/** The stand-in and a real client to it on one virtual clock; every exchange is kept. */
export interface Bench {
  sandbox: SapSandbox;
  config: SapConfig;
  client: Client<SapOp>;
  exchanges: { request: HttpRequest; response: HttpResponse }[];
  /** Answers instead of the stand-in; undefined: the stand-in does. */
  line?: (request: HttpRequest, carry: () => Promise<HttpResponse>) => Promise<HttpResponse> | undefined;
  now(): number;
  run<T>(work: (client: Client<SapOp>, config: SapConfig) => Promise<T>): Promise<T>;
  advance(ms: number): Promise<void>;
}

/** MUG, HAT and CAP: ten each in both warehouses. */
export function openBench(startMs = Date.UTC(2026, 10, 24, 12), settings: Record<string, unknown> = {}): Bench {
  const clock = virtualClock(startMs);
  const sandbox = sapSandbox({
    clock,
    random: seededRandom(11),
    name: 'mugs',
    locations: [
      { id: MAIN, name: 'Main' },
      { id: SHOP, name: 'Shop' },
    ],
    factor: 1,
    deliver: async () => jsonResponse(200, ''),
  });
  sandbox.seed(['MUG', 'HAT', 'CAP'].map((sku) => ({ sku, title: sku, stock: { [MAIN]: 10, [SHOP]: 10 } })));
  const bench: Bench = {
    sandbox,
    config: sapConfig.parse({ ...sandbox.config({ api: 'https://sap.test:50000', hook: '' }), ...settings }),
    client: createClient<SapConfig, SapOp>({
      platform: sapB1,
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
      budgets: createBudgets(sapB1.facts, clock, { factor: 1 }),
    }),
    exchanges: [],
    now: () => clock.now(),
    run: (work) => clock.run(work(bench.client, bench.config)),
    advance: (ms) => clock.advance(ms),
  };
  return bench;
}

export const target = (
  stockKey: string,
  location: string,
  want: number,
  expect: number,
  more: Partial<Target> = {},
): Target => ({
  cell: { stockKey, location },
  want,
  expect,
  asOf: '2026-11-24T12:00:00.000Z',
  key: `key-${stockKey}-${location}`,
  why: 'sync',
  ...more,
});

export const isPosting = ({ method, url }: HttpRequest): boolean => method === 'POST' && /\/Inventory\w+$/.test(url);
