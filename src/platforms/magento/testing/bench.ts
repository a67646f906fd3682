import { createBudgets } from '../../../platform/budget.ts';
import { createClient } from '../../../platform/client.ts';
import type { Client, Delivery, Target } from '../../../platform/contract.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { type VirtualClock, virtualClock } from '../../../platform/testing/virtual-clock.ts';
import { seededRandom } from '../../../runtime/random.ts';
import { type MagentoConfig, magentoConfig } from '../config.ts';
import type { MagentoOp } from '../facts.ts';
import { magento } from '../index.ts';
import { type MagentoSandbox, magentoSandbox } from '../sandbox.ts';

const HOOK = 'https://onhand.test/hooks/1';

/** The stand-in and a real client to it on one virtual clock; every exchange and every delivery is kept. */
export interface Bench {
  sandbox: MagentoSandbox;
  client: Client<MagentoOp>;
  config: MagentoConfig;
  clock: VirtualClock;
  exchanges: { request: HttpRequest; response: HttpResponse }[];
  deliveries: Delivery[];
  /** Answers instead of the stand-in; undefined: the stand-in does. */
  line?: (request: HttpRequest, carry: () => Promise<HttpResponse>) => Promise<HttpResponse> | undefined;
  run<T>(work: (client: Client<MagentoOp>, config: MagentoConfig) => Promise<T>): Promise<T>;
  /** Levels read just before, as the engine does. */
  targets(wants: { sku: string; want: number; location?: string }[]): Promise<Target[]>;
}

/** MUG (2001), TEE-M (2002, a variant of 500002), HAT (2003) and BAG (2004), ten each in the stocks 1 and 2. */
const ITEMS = ['MUG', 'TEE-M', 'HAT', 'BAG'].map((sku) => ({ sku, title: sku, stock: { 1: 10, 2: 10 } }));

export function openBench(more: Partial<SandboxOptions> = {}, settings: Partial<MagentoConfig> = {}): Bench {
  const clock = virtualClock(Date.UTC(2026, 10, 24));
  const sandbox = magentoSandbox({
    clock,
    random: seededRandom(11),
    name: 'mugs',
    locations: [
      { id: '1', name: 'Default Stock' },
      { id: '2', name: 'Outlet' },
    ],
    factor: 1,
    deliver: async (hook) => {
      bench.deliveries.push(deliveryOf(hook));
      return jsonResponse(200, '');
    },
    ...more,
  });
  sandbox.seed(ITEMS);
  const config = magentoConfig.parse({ ...sandbox.config({ api: 'https://mugs.example', hook: HOOK }), ...settings });
  const bench: Bench = {
    sandbox,
    config,
    clock,
    exchanges: [],
    deliveries: [],
    client: createClient<MagentoConfig, MagentoOp>({
      platform: magento,
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
      budgets: createBudgets(magento.facts, clock, { factor: 1 }),
    }),
    run: (work) => clock.run(work(bench.client, config)),
    async targets(wants) {
      const cells = wants.map(({ sku, location = '1' }) => ({ stockKey: sku, location }));
      const levels = await bench.run((client, now) => magento.readLevels(client, now, cells));
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
