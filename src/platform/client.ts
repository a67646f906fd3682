import { uuidFrom } from '../runtime/random.ts';
import { attempt } from './attempt.ts';
import type { Permit } from './budget.ts';
import { BACKOFF_MS_MAX, type ClientOptions, PATIENCE_MS } from './client-options.ts';
import type { Client, Operation } from './contract.ts';
import { Failure } from './failure.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { createRenewal, type Renewal } from './renewal.ts';

/** Tries of one safe call, the first included. */
const TRIES_MAX = 5;
const BACKOFF_MS = 500;

/**
 * The only way to a platform. Every call waits for its budgets, is authorized with the newest secrets, sent, and judged
 * by the platform's own `classify`:
 *
 *  - `retry: "safe"`: throttled, transient and lost answers are tried again, at most five times, with full
 *    jitter, on the given clock; a throttling answer stops its budgets until the time it names, for everybody. If a
 *    write (by its priority) still fails after a try that may have been done, that is `unknown-outcome`.
 *  - `retry: "never"`: every failure surfaces. A lost answer to a request that may have arrived, and a 5xx that
 *    `classify` passes over, are `unknown-outcome`. `classify` is told the operation, so a platform whose 503 is given
 *    before anything is done can say `transient` for it.
 *  - `auth`: the secrets are renewed once per account, whoever noticed first, stored, and the call is sent again; that is
 *    right for writes too, because a refused token did nothing.
 */
export function createClient<Config extends { account: string }, Op extends string>(
  options: ClientOptions<Config, Op>,
): Client<Op> {
  const { clock, random } = options;
  const scoped = (config: () => Config, renewal?: Renewal<Config>): Client<Op> => ({
    call: (op, request) => callWith(options, config, renewal, op, request),
    now: () => clock.now(),
    uuid: () => uuidFrom(random),
  });
  // What renewing itself sends goes out with the config it was given, and never renews.
  const renewal = createRenewal(options, (config) => scoped(() => config));
  return scoped(renewal.config, renewal);
}

async function callWith<Config extends { account: string }, Op extends string>(
  options: ClientOptions<Config, Op>,
  currentConfig: () => Config,
  renewal: Renewal<Config> | undefined,
  op: Op,
  request: HttpRequest,
): Promise<HttpResponse> {
  const { platform, clock, random, budgets, signal } = options;
  const operation = (platform.facts.operations as Record<string, Operation | undefined>)[op];
  if (!operation) throw new Error(`There is no operation "${op}" in the facts of ${platform.facts.id}`);
  const since = clock.now();
  let renewed = false;
  let doubtful = false;
  for (let tries = 1; ; tries++) {
    const permit = await admitted(options, renewal, operation, since);
    // Only now: the newest secrets there are when it leaves.
    const config = currentConfig();
    const outcome =
      permit instanceof Failure ? permit : await attempt(options, config, permit, op, operation, request, tries);
    if (!(outcome instanceof Failure)) return outcome;
    if (outcome.failure === 'auth' && renewal && !renewed) {
      renewed = true;
      if (await renewal.afterRefusal(config)) {
        tries--;
        continue;
      }
    }
    doubtful ||= outcome.failure === 'unknown-outcome';
    const waitMs = outcome.retryAfterMs ?? 0;
    // Told to wait longer than a call should hang: whoever asked decides what to do meanwhile.
    const goesOn = operation.retry === 'safe' && isPassing(outcome) && tries < TRIES_MAX && waitMs <= PATIENCE_MS;
    if (!goesOn || signal?.aborted) throw settled(outcome, operation, doubtful);
    const ceilingMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (tries - 1)) / budgets.factor;
    const jitterMs = Math.ceil(random() * ceilingMs);
    // A throttling answer's time is kept by the budget, for everybody.
    await clock.sleep(outcome.failure === 'throttled' ? jitterMs : Math.max(jitterMs, waitMs), signal);
  }
}

const FRESHEN_ROUNDS_MAX = 3;

/**
 * Waits for the budgets, with secrets that will still be good then: a call may wait for hours behind others, longer than
 * its token lives. Renewing needs budgets too, so what was taken is given back meanwhile.
 */
async function admitted<Config extends { account: string }, Op extends string>(
  { budgets, signal }: ClientOptions<Config, Op>,
  renewal: Renewal<Config> | undefined,
  { budgets: names, cost = 1, priority }: Operation,
  since: number,
): Promise<Permit | Failure> {
  for (let round = 1; ; round++) {
    await renewal?.freshen();
    let permit: Permit;
    try {
      permit = await budgets.take({ budgets: names, cost, priority, since }, { signal, patienceMs: PATIENCE_MS });
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    }
    if (!renewal?.isDue() || round >= FRESHEN_ROUNDS_MAX) return permit;
    permit.unused();
  }
}

/** What the caller is told in the end: a read has no outcome to be unknown, and a write once in doubt stays in doubt. */
function settled(failure: Failure, operation: Operation, doubtful: boolean): Failure {
  const writes = operation.retry === 'never' || operation.priority === 'decrease' || operation.priority === 'increase';
  const clear = !['throttled', 'transient', 'auth', 'unknown-outcome'].includes(failure.failure);
  const kind = clear ? failure.failure : doubtful ? (writes ? 'unknown-outcome' : 'transient') : failure.failure;
  if (kind === failure.failure) return failure;
  return new Failure(kind, failure.code, failure.message, failure);
}

/** Will the same call, sent again later, do? */
const isPassing = ({ failure, code }: Failure): boolean =>
  (failure === 'throttled' && code !== 'limit-reached') ||
  (failure === 'transient' && code !== 'aborted') ||
  failure === 'unknown-outcome';
