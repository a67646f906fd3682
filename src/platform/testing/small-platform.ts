import { expect } from 'vitest';
import { z } from 'zod';
import { seededRandom } from '../../runtime/random.ts';
import { type BudgetOptions, type Budgets, createBudgets } from '../budget.ts';
import { createClient } from '../client.ts';
import type { ClientOptions, ClientPlatform } from '../client-options.ts';
import { secret } from '../config.ts';
import type { Budget, Operation } from '../contract.ts';
import { Failure } from '../failure.ts';
import { type HttpRequest, type HttpResponse, jsonRequest, jsonResponse } from '../http.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

const schema = z.object({ account: z.string(), token: secret(), endsAt: z.number().optional() });
export type Config = z.infer<typeof schema>;
export type Op = 'read' | 'write' | 'set' | 'login';

export const operation = (more: Partial<Operation>): Operation => ({
  budgets: ['rate'],
  retry: 'safe',
  timeoutMs: 5_000,
  priority: 'fetch',
  ...more,
});

/** A platform as small as one can be: bearer token, 401 for a wrong one, 429 with retry-after, 409 for a conflict. */
export function smallPlatform(more: Partial<ClientPlatform<Config, Op>> = {}, budgets?: Record<string, Budget>) {
  const platform: ClientPlatform<Config, Op> = {
    facts: {
      id: 'small',
      operations: {
        read: operation({}),
        write: operation({ retry: 'never', priority: 'decrease' }),
        set: operation({ priority: 'increase' }),
        login: operation({ retry: 'never' }),
      },
      budgets: budgets ?? { rate: { kind: 'tokens', burst: 100, perSecond: 10 } },
    } as unknown as ClientPlatform<Config, Op>['facts'],
    config: schema,
    authorize: (request, config) => ({
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${config.token}` },
    }),
    classify: ({ status, headers, body }) => {
      const text = Buffer.from(body).toString();
      const retryAfterMs = headers['retry-after'] ? Number(headers['retry-after']) * 1000 : undefined;
      if (status === 401) return new Failure('auth', 'token-refused', `The token was refused: ${text}`, { status });
      if (status === 429) return new Failure('throttled', 'rate-limited', 'Too much.', { status, retryAfterMs });
      if (status === 409) return new Failure('conflict', 'changed', 'Changed meanwhile.', { status });
      if (status === 503) return new Failure('transient', 'maintenance', 'Down.', { status, retryAfterMs });
      return undefined;
    },
    ...more,
  };
  return platform;
}

export type Answer = (request: HttpRequest, call: number) => HttpResponse | Promise<HttpResponse>;

export function world(
  answer: Answer,
  more: Partial<ClientOptions<Config, Op>> & { budget?: BudgetOptions; clock?: VirtualClock } = {},
) {
  const clock = more.clock ?? virtualClock(0);
  const platform = more.platform ?? smallPlatform();
  const budgets: Budgets = more.budgets ?? createBudgets(platform.facts, clock, more.budget);
  const sent: { at: number; request: HttpRequest }[] = [];
  let config: Config = { account: 'shop', token: 'first' };
  const saved: Config[] = [];
  const client = createClient<Config, Op>({
    platform,
    config: () => config,
    saveConfig: async (next) => {
      await clock.sleep(50);
      saved.push(next);
      config = next;
    },
    clock,
    random: seededRandom(1),
    ...more,
    budgets,
    transport: async (request) => {
      sent.push({ at: clock.now(), request });
      return answer(request, sent.length);
    },
  });
  const setConfig = (next: Config) => {
    config = next;
  };
  return { clock, client, budgets, sent, saved, setConfig, now: () => config };
}

export const ok = jsonResponse(200, { ok: true });
export const get = jsonRequest('GET', 'https://small.test/things');
export const put = jsonRequest('PUT', 'https://small.test/stock', { quantity: 3 });
export const token = (request: HttpRequest) => request.headers['authorization']?.slice(7);
export const failureOf = async (call: Promise<unknown>): Promise<Failure> => {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(Failure);
  return failure as Failure;
};
