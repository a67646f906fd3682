import { createBudgets } from '../../../platform/budget.ts';
import { createClient } from '../../../platform/client.ts';
import type { Client, Delivery, Target } from '../../../platform/contract.ts';
import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { virtualClock } from '../../../platform/testing/virtual-clock.ts';
import { seededRandom } from '../../../runtime/random.ts';
import { type NetsuiteConfig, netsuiteConfig } from '../config.ts';
import type { NetsuiteOp } from '../facts.ts';
import { netsuite } from '../index.ts';
import { type NetsuiteSandbox, netsuiteSandbox } from '../sandbox.ts';

export const EAST = '70000000001';
export const WEST = '70000000002';

/** The stand-in and a real client to it on one virtual clock; every exchange and every delivery is kept. */
export interface Bench {
  sandbox: NetsuiteSandbox;
  config: NetsuiteConfig;
  client: Client<NetsuiteOp>;
  exchanges: { request: HttpRequest; response: HttpResponse }[];
  deliveries: Delivery[];
  /** What our entrance answers. */
  hookStatus: number;
  /** Answers instead of the stand-in; undefined: the stand-in does. */
  line?: (request: HttpRequest, carry: () => Promise<HttpResponse>) => Promise<HttpResponse> | undefined;
  now(): number;
  run<T>(work: (client: Client<NetsuiteOp>, config: NetsuiteConfig) => Promise<T>): Promise<T>;
  advance(ms: number): Promise<void>;
}

/** MUG, HAT and CAP (items 501, 502, 503): ten each in both places. @param settings undefined members are taken out */
export function openBench(startMs = Date.UTC(2026, 10, 24, 12), settings: Record<string, unknown> = {}): Bench {
  const clock = virtualClock(startMs);
  const sandbox = netsuiteSandbox({
    clock,
    random: seededRandom(11),
    name: 'mugs',
    locations: [
      { id: EAST, name: 'East' },
      { id: WEST, name: 'West' },
    ],
    factor: 1,
    deliver: async (hook) => {
      bench.deliveries.push({
        method: hook.method,
        path: new URL(hook.url).pathname,
        headers: hook.headers,
        body: Buffer.from(bodyText(hook)),
        receivedAt: new Date(clock.now()).toISOString(),
      });
      return jsonResponse(bench.hookStatus, '');
    },
  });
  sandbox.seed(['MUG', 'HAT', 'CAP'].map((sku) => ({ sku, title: sku, stock: { [EAST]: 10, [WEST]: 10 } })));
  const pasted = sandbox.config({ api: 'https://netsuite.test', hook: 'https://onhand.test/hooks/1' });
  const bench: Bench = {
    sandbox,
    config: netsuiteConfig.parse({ ...pasted, ...settings }),
    client: createClient<NetsuiteConfig, NetsuiteOp>({
      platform: netsuite,
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
      budgets: createBudgets(netsuite.facts, clock, { factor: 1 }),
    }),
    exchanges: [],
    deliveries: [],
    hookStatus: 200,
    now: () => clock.now(),
    run: (work) => clock.run(work(bench.client, bench.config)),
    advance: (ms) => clock.advance(ms),
  };
  return bench;
}

export const target = (stockKey: string, location: string, want: number, expect: number, key?: string): Target => ({
  cell: { stockKey, location },
  want,
  expect,
  asOf: '2026-11-24T12:00:00.000Z',
  key: key ?? `key-${stockKey}-${location}`,
  why: 'sync',
});

export const isAdjustment = ({ url }: HttpRequest): boolean => url.endsWith('/inventoryAdjustment');
