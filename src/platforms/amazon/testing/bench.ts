import { type Budgets, createBudgets } from '../../../platform/budget.ts';
import { createClient } from '../../../platform/client.ts';
import type { Client } from '../../../platform/contract.ts';
import { type HttpRequest, type HttpResponse, TransportError } from '../../../platform/http.ts';
import type { Sandbox } from '../../../platform/sandbox.ts';
import type { Clock } from '../../../runtime/clock.ts';
import { seededRandom } from '../../../runtime/random.ts';
import { type AmazonConfig, amazonConfig } from '../config.ts';
import type { AmazonOp } from '../facts.ts';
import { amazon } from '../index.ts';
import type { AmazonSandboxOptions } from '../sandbox/stand.ts';
import { createSandbox } from '../sandbox.ts';

/** A clock that tests move. */
export interface TestClock extends Clock {
  advance(ms: number): Promise<void>;
  run<T>(work: Promise<T>): Promise<T>;
}

/** What the line does with one call instead of carrying it: an answer, or a thrown TransportError. */
export type Line = (request: HttpRequest, carry: () => Promise<HttpResponse>) => Promise<HttpResponse> | undefined;

/** The stand-in and a real client to it on one virtual clock, with every exchange kept as it crossed the line. */
export interface Bench {
  clock: TestClock;
  sandbox: Sandbox;
  client: Client<AmazonOp>;
  budgets: Budgets;
  exchanges: { request: HttpRequest; response: HttpResponse }[];
  config(): AmazonConfig;
  /** Puts settings on top, as the engine does with what subscribe hands back. */
  configure(more: Partial<AmazonConfig>): void;
  /** Lets time pass until the work is done. */
  run<T>(work: Promise<T>): Promise<T>;
  line?: Line;
}

export function openBench(clock: TestClock, more: Partial<AmazonSandboxOptions> = {}): Bench {
  const sandbox = createSandbox({
    clock,
    random: seededRandom(7),
    name: 'seller-1',
    locations: [{ id: 'W1', name: 'Main warehouse' }],
    factor: 1,
    deliver: () => Promise.reject(new TransportError('Amazon delivers nothing', false)),
    ...more,
  } as AmazonSandboxOptions);
  let config = amazonConfig.parse(sandbox.config({ api: 'https://amazon.test', hook: 'https://onhand.test' }));
  const budgets = createBudgets(amazon.facts, clock, { factor: more.factor ?? 1 });
  const bench: Bench = {
    clock,
    sandbox,
    budgets,
    exchanges: [],
    client: createClient<AmazonConfig, AmazonOp>({
      platform: amazon,
      config: () => config,
      saveConfig: async (next) => {
        config = next;
      },
      clock,
      random: seededRandom(11),
      budgets,
      transport: async (request) => {
        const carry = () => sandbox.handle(request);
        const response = await (bench.line?.(request, carry) ?? carry());
        bench.exchanges.push({ request, response });
        return response;
      },
    }),
    config: () => config,
    configure: (next) => {
      config = { ...config, ...next };
    },
    run: (work) => clock.run(work),
  };
  return bench;
}
