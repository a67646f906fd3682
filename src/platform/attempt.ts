import type { Random } from '../runtime/random.ts';
import { judge, lostAnswer } from './answer.ts';
import type { Budgets, Permit } from './budget.ts';
import { BACKOFF_MS_MAX, type CallEvent, type ClientOptions, type Exchange } from './client-options.ts';
import type { Operation, Platform } from './contract.ts';
import { Failure } from './failure.ts';
import { type HttpRequest, type HttpResponse, STAND_IN_HEADER } from './http.ts';
import { cleanFailure, type Redaction, redaction } from './redaction.ts';

const STAND_IN =
  'This address is one of Onhand’s stand-ins, and this store is for a real business. To try things out make another store: ONHAND_HOME=trial onhand init --trial.';

/** One try. The permit is held only while the request is under way. */
export async function attempt<Config extends { account: string }, Op extends string>(
  options: ClientOptions<Config, Op>,
  config: Config,
  permit: Permit,
  op: Op,
  operation: Operation,
  request: HttpRequest,
  tries: number,
): Promise<HttpResponse | Failure> {
  const { platform, clock, random, budgets, transport, signal, log, record } = options;
  let clean: Redaction | undefined;
  const cleaned = () => {
    clean ??= redaction(platform.config, [config, options.config()]);
    return clean;
  };
  const sentAt = clock.now();
  const told = (more: Partial<CallEvent>) =>
    quietly(() => {
      const url = log && cleaned().text(request.url);
      if (url !== undefined) log?.({ op, method: request.method, url, tries, tookMs: clock.now() - sentAt, ...more });
    });
  const recorded = (authorized: HttpRequest, more: Partial<Exchange>) =>
    quietly(() =>
      record?.({ op, at: new Date(sentAt).toISOString(), request: cleaned().request(authorized), ...more }),
    );

  let authorized: HttpRequest;
  try {
    authorized = platform.authorize(request, config, sentAt);
  } catch (error) {
    permit.answered();
    const text = cleaned().text(error instanceof Error ? error.message : String(error));
    return new Failure('rejected', 'not-authorizable', `The request could not be signed: ${text}`);
  }
  let response: HttpResponse;
  try {
    response = await transport(authorized, { timeoutMs: operation.timeoutMs, signal });
  } catch (error) {
    permit.answered();
    const failure = lostAnswer(error, cleaned(), signal?.aborted ?? false);
    recorded(authorized, { lost: failure.message });
    told({ failure: `${failure.failure}:${failure.code}` });
    return failure;
  }
  const reports = quietly(() => platform.readBudget?.(response, op));
  permit.answered(reports);
  const failure =
    options.refuseStandIns && STAND_IN_HEADER in response.headers
      ? new Failure('rejected', 'stand-in', STAND_IN)
      : judge(platform, response, op, operation);
  if (record) recorded(authorized, { response: cleaned().response(response) });
  told({ status: response.status, ...(failure && { failure: `${failure.failure}:${failure.code}` }) });
  if (failure?.failure !== 'throttled') return failure ? cleanFailure(failure, cleaned()) : response;
  const waitMs = failure.retryAfterMs ?? defaultStopMs(tries, random, budgets.factor);
  budgets.stop(throttledBudgets(budgets, operation, reports), clock.now() + waitMs);
  return cleanFailure(failure, cleaned(), waitMs);
}

/** Where the answer names the exhausted budgets, those; otherwise every rate the call spends. */
function throttledBudgets(
  budgets: Budgets,
  operation: Operation,
  reports: ReturnType<NonNullable<Platform['readBudget']>>,
): string[] {
  const named = operation.budgets.filter((name) => {
    const available = reports?.[name]?.available;
    return available !== undefined && available < (operation.cost ?? 1);
  });
  return named.length > 0 ? named : budgets.rates(operation.budgets);
}

/** For throttling answers that name no time: at least half of 1 s, 2 s, 4 s …, so that a herd does not come back at once. */
function defaultStopMs(tries: number, random: Random, factor: number): number {
  const ceilingMs = Math.min(BACKOFF_MS_MAX, 1000 * 2 ** (tries - 1)) / factor;
  return Math.ceil(ceilingMs / 2 + (random() * ceilingMs) / 2);
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
