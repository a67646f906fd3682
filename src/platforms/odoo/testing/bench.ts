import { createBudgets } from '../../../platform/budget.ts';
import { createClient } from '../../../platform/client.ts';
import type { Client, Delivery, Target } from '../../../platform/contract.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { virtualClock } from '../../../platform/testing/virtual-clock.ts';
import { seededRandom } from '../../../runtime/random.ts';
import { type OdooConfig, odooConfig } from '../config.ts';
import type { OdooOp } from '../facts.ts';
import { odoo } from '../index.ts';
import { type OdooSandbox, odooSandbox } from '../sandbox.ts';

export const HOOK = 'https://onhand.test/hooks/odoo/1';
/** Two warehouses, by their ids. */
export const [MAIN, SHOP] = ['61', '62'] as const;

/** The stand-in and a real client to it on one virtual clock; every exchange and every delivery is kept. */
export interface Bench {
  sandbox: OdooSandbox;
  client: Client<OdooOp>;
  config: OdooConfig;
  exchanges: { request: HttpRequest; response: HttpResponse }[];
  deliveries: Delivery[];
  /** Answers instead of the stand-in; undefined: the stand-in does. */
  line?: (request: HttpRequest, carry: () => Promise<HttpResponse>) => Promise<HttpResponse> | undefined;
  run<T>(work: (client: Client<OdooOp>, config: OdooConfig) => Promise<T>): Promise<T>;
  advance(ms: number): Promise<void>;
  /** As the engine makes it: read just before. */
  target(sku: string, location: string, want: number): Promise<Target>;
  shown(sku: string, location: string): number | undefined;
  /** A product's id. */
  id(sku: string): string;
}

const SKUS = ['MUG', 'HAT', 'TEE'];

/** MUG, HAT and TEE are the products 41, 42 and 43, ten of each in both warehouses. */
export function openBench(more: Partial<SandboxOptions> = {}, settings: Partial<OdooConfig> = {}): Bench {
  const clock = virtualClock(Date.UTC(2026, 10, 24));
  const sandbox = odooSandbox({
    clock,
    random: seededRandom(11),
    name: 'erp',
    locations: [
      { id: MAIN, name: 'Main' },
      { id: SHOP, name: 'Shop' },
    ],
    factor: 1,
    deliver: async (hook) => {
      const { pathname, search } = new URL(hook.url);
      const body = Buffer.from(hook.body ?? '');
      bench.deliveries.push({
        method: 'POST',
        path: `${pathname}${search}`,
        headers: hook.headers,
        body,
        receivedAt: '',
      });
      return jsonResponse(200, '');
    },
    ...more,
  });
  sandbox.seed(SKUS.map((sku) => ({ sku, title: sku, stock: { [MAIN]: 10, [SHOP]: 10 } })));
  const config = odooConfig.parse({ ...sandbox.config({ api: 'https://erp.example', hook: HOOK }), ...settings });
  const bench: Bench = {
    sandbox,
    config,
    exchanges: [],
    deliveries: [],
    client: createClient<OdooConfig, OdooOp>({
      platform: odoo,
      config: () => bench.config,
      saveConfig: async () => undefined,
      transport: async (request) => {
        const carry = () => sandbox.handle(request);
        const response = await (bench.line?.(request, carry) ?? carry());
        bench.exchanges.push({ request, response });
        return response;
      },
      clock,
      random: seededRandom(3),
      budgets: createBudgets(odoo.facts, clock, { factor: 1 }),
    }),
    run: (work) => clock.run(work(bench.client, bench.config)),
    advance: (ms) => clock.advance(ms),
    target: async (sku, location, want) => {
      const cell = { stockKey: bench.id(sku), location };
      const [from] = await bench.run((client, now) => odoo.readLevels(client, now, [cell]));
      return {
        cell,
        want,
        expect: from?.available ?? 0,
        ...(from && { from }),
        asOf: '',
        key: `key-${sku}`,
        why: 'sync',
      };
    },
    shown: (sku, location) => sandbox.shown().find((row) => row.sku === sku && row.location === location)?.available,
    id: (sku) => String(41 + SKUS.indexOf(sku)),
  };
  return bench;
}
