import { createBudgets } from '../../../platform/budget.ts';
import { createClient } from '../../../platform/client.ts';
import type { Client, Delivery, Target } from '../../../platform/contract.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { type VirtualClock, virtualClock } from '../../../platform/testing/virtual-clock.ts';
import { seededRandom } from '../../../runtime/random.ts';
import { type PrestaConfig, prestaConfig } from '../config.ts';
import type { PrestaOp } from '../facts.ts';
import { prestashop } from '../index.ts';
import { type PrestaSandbox, prestaSandbox } from '../sandbox.ts';

/** The stand-in and a real client to it on one virtual clock; every exchange and every delivery is kept. */
export interface Bench {
  sandbox: PrestaSandbox;
  client: Client<PrestaOp>;
  config: PrestaConfig;
  clock: VirtualClock;
  exchanges: { request: HttpRequest; response: HttpResponse }[];
  deliveries: Delivery[];
  /** Answers instead of the stand-in; undefined: the stand-in does. */
  line?: (request: HttpRequest, carry: () => Promise<HttpResponse>) => Promise<HttpResponse> | undefined;
  run<T>(work: (client: Client<PrestaOp>, config: PrestaConfig) => Promise<T>): Promise<T>;
  /** Levels read just before, as the engine does. */
  targets(wants: { key: string; want: number; location?: string }[]): Promise<Target[]>;
}

/** MUG is product 1010, TEE-S and TEE-M the combinations 5002 and 5003 of 1005, HAT 1040; ten each in the shops 1 and 2. */
const ITEMS = ['MUG', 'TEE-S', 'TEE-M', 'HAT'].map((sku) => ({ sku, title: sku, stock: { 1: 10, 2: 10 } }));

export function openBench(
  more: Partial<SandboxOptions> & { startMs?: number } = {},
  settings: Partial<PrestaConfig> = {},
): Bench {
  const { startMs = Date.UTC(2026, 10, 24), ...options } = more;
  const clock = virtualClock(startMs);
  const sandbox = prestaSandbox({
    clock,
    random: seededRandom(11),
    name: 'mugs',
    locations: [
      { id: '1', name: 'Main shop' },
      { id: '2', name: 'Outlet' },
    ],
    factor: 1,
    deliver: async (hook) => {
      bench.deliveries.push(deliveryOf(hook));
      return jsonResponse(200, '');
    },
    ...options,
  });
  sandbox.seed(ITEMS);
  const pasted = sandbox.config({ api: 'https://mugs.example', hook: 'https://onhand.test/hooks/1' });
  const config = prestaConfig.parse({ ...pasted, ...settings });
  const bench: Bench = {
    sandbox,
    config,
    clock,
    exchanges: [],
    deliveries: [],
    client: createClient<PrestaConfig, PrestaOp>({
      platform: prestashop,
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
      budgets: createBudgets(prestashop.facts, clock, { factor: 1 }),
    }),
    run: (work) => clock.run(work(bench.client, config)),
    async targets(wants) {
      const cells = wants.map(({ key, location = '1' }) => ({ stockKey: key, location }));
      const levels = await bench.run((client, now) => prestashop.readLevels(client, now, cells));
      return wants.map(({ want }, index): Target => {
        const cell = cells[index]!;
        const from = levels.find((level) => level.stockKey === cell.stockKey && level.location === cell.location);
        const expect = from?.available ?? 0;
        return { cell, want, expect, ...(from && { from }), asOf: '', key: `k${index}`, why: 'sync' };
      });
    },
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
