import { createBudgets } from '../../../platform/budget.ts';
import { createClient } from '../../../platform/client.ts';
import type { Client, Delivery } from '../../../platform/contract.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { virtualClock } from '../../../platform/testing/virtual-clock.ts';
import { seededRandom } from '../../../runtime/random.ts';
import { type WooConfig, wooConfig } from '../config.ts';
import type { WooOp } from '../facts.ts';
import { woocommerce } from '../index.ts';
import { type WooSandbox, wooSandbox } from '../sandbox.ts';

export const HOOK = 'https://onhand.test/hooks/1';

/** The stand-in and a real client to it on one virtual clock; every exchange and every delivery is kept. */
export interface Bench {
  sandbox: WooSandbox;
  client: Client<WooOp>;
  config: WooConfig;
  exchanges: { request: HttpRequest; response: HttpResponse }[];
  deliveries: Delivery[];
  /** What our entrance answers to a delivery. */
  hookStatus: number;
  /** Answers instead of the stand-in; undefined: the stand-in does. */
  line?: (request: HttpRequest, carry: () => Promise<HttpResponse>) => Promise<HttpResponse> | undefined;
  run<T>(work: (client: Client<WooOp>, config: WooConfig) => Promise<T>): Promise<T>;
  advance(ms: number): Promise<void>;
}

/** MUG and HAT are products (1010, 1040), TEE-S and TEE-M variations (1020, 1030) of 1005. */
const ITEMS = ['MUG', 'TEE-S', 'TEE-M', 'HAT'].map((sku) => ({ sku, title: sku, stock: { main: 10 } }));

export function openBench(more: Partial<SandboxOptions> = {}, settings: Partial<WooConfig> = {}): Bench {
  const clock = virtualClock(Date.UTC(2026, 10, 24));
  const sandbox = wooSandbox({
    clock,
    random: seededRandom(11),
    name: 'mugs',
    locations: [{ id: 'main', name: 'Main' }],
    factor: 1,
    deliver: async (hook) => {
      bench.deliveries.push(deliveryOf(hook));
      return jsonResponse(bench.hookStatus, '');
    },
    ...more,
  });
  sandbox.seed(ITEMS);
  const config = wooConfig.parse({ ...sandbox.config({ api: 'https://mugs.example', hook: HOOK }), ...settings });
  const bench: Bench = {
    sandbox,
    config,
    exchanges: [],
    deliveries: [],
    hookStatus: 200,
    client: createClient<WooConfig, WooOp>({
      platform: woocommerce,
      config: () => config,
      saveConfig: async () => undefined,
      transport: async (request) => {
        const carry = () => sandbox.handle(request);
        const response = await (bench.line?.(request, carry) ?? carry());
        bench.exchanges.push({ request, response });
        return response;
      },
      clock,
      random: seededRandom(3),
      budgets: createBudgets(woocommerce.facts, clock, { factor: 1 }),
    }),
    run: (work) => clock.run(work(bench.client, config)),
    advance: (ms) => clock.advance(ms),
  };
  return bench;
}

function deliveryOf(hook: HttpRequest): Delivery {
  return {
    method: hook.method,
    path: new URL(hook.url).pathname,
    headers: hook.headers,
    body: Buffer.from(hook.body ?? ''),
    receivedAt: '2026-11-24T00:00:00.000Z',
  };
}
