import { Failure, type FailureClass } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { type AmazonOp, amazonFacts } from './facts.ts';
import { classifyQueue } from './queue-failures.ts';
import { isRecord, list, text } from './shape.ts';

/** Everything an account cannot work without: refused here, and nothing is left to do. */
const ESSENTIAL: readonly AmazonOp[] = ['searchOrders', 'getOrder', 'searchListingsItems', 'searchListingsItemsBySku'];
/** Calls that name one thing, so that a 404 says that this thing is not there. */
const NAMES_ONE: readonly AmazonOp[] = ['getOrder', 'getOrderV0', 'getListingsItem', 'getSubscription'];

/** What an answer means. Total: never throws, whatever came. */
export function classify(response: HttpResponse, op: AmazonOp): Failure | undefined {
  if (op === 'receiveMessage' || op === 'deleteMessageBatch') return classifyQueue(response);
  const body = parse(response);
  if (op === 'token') return classifyToken(response, body);
  if (response.status >= 200 && response.status < 300) return classifySuccess(response.status, body, op);
  const error = firstError(body);
  const fail = (failure: FailureClass, code: string, message: string) =>
    new Failure(failure, code, message, {
      status: response.status,
      platformCode: error.code,
      retryAfterMs: failure === 'throttled' ? retryAfterMs(response) : undefined,
    });
  const said = [error.message, error.details].filter(Boolean).join(' ') || `HTTP ${response.status}`;
  switch (response.status) {
    case 429:
      return fail('throttled', 'rate-limited', `Amazon's rate for ${op} is used up.`);
    case 401:
    case 403:
      return forbidden(op, error, said, fail);
    case 404:
      if (NAMES_ONE.includes(op)) return fail('gone', 'not-found', `Amazon does not know it: ${said}`);
      return fail('rejected', 'not-found', `Amazon does not know this address: ${said}`);
    case 409:
      return fail('conflict', 'conflict', said);
    case 503:
      return fail('transient', 'unavailable', 'Amazon is overloaded or under maintenance.');
    default:
      if (response.status >= 500 || response.status < 400)
        // A gateway that gave up may have passed the write on first.
        return amazonFacts.operations[op].retry === 'never'
          ? fail('unknown-outcome', 'server-error', `Amazon broke off: ${said}`)
          : fail('transient', 'server-error', `Amazon broke off: ${said}`);
      return fail('rejected', 'invalid-request', `Amazon refused it: ${said}`);
  }
}

function classifySuccess(status: number, body: unknown, op: AmazonOp): Failure | undefined {
  const unsure = amazonFacts.operations[op].retry === 'never' ? 'unknown-outcome' : 'transient';
  if (!isRecord(body)) {
    if (status === 204 || body === EMPTY) return undefined;
    return new Failure(unsure, 'not-json', 'Amazon answered with something that is not JSON.', { status });
  }
  const error = firstError(body);
  if (error.code !== undefined)
    return new Failure('rejected', 'error-in-success', `Amazon refused it: ${error.message ?? error.code}`, {
      status,
      platformCode: error.code,
    });
  if (op !== 'patchListingsItem' || body['status'] === 'ACCEPTED') return undefined;
  const issue = list(body['issues'])
    .filter(isRecord)
    .find((one) => one['severity'] === 'ERROR');
  return new Failure(
    'rejected',
    'invalid-submission',
    `Amazon did not take the quantity (${text(body['status']) ?? 'no status'}): ${text(issue?.['message']) ?? 'no reason given'}`,
    { status, platformCode: text(issue?.['code']) ?? 'INVALID' },
  );
}

/**
 * "Access denied" has three meanings: the token (renew it, then stop), a role that the whole account needs (stop), and one
 * SKU or one optional call that we may not touch (the rest goes on).
 */
function forbidden(
  op: AmazonOp,
  error: AmazonError,
  said: string,
  fail: (failure: FailureClass, code: string, message: string) => Failure,
): Failure {
  const hint = `${error.code ?? ''} ${error.details ?? ''} ${error.message ?? ''}`;
  if (/access token|MissingAuthenticationToken|InvalidAccessToken|expired/i.test(hint))
    return fail('auth', 'token-refused', `Amazon refuses the access token: ${said}`);
  if (ESSENTIAL.includes(op))
    return fail(
      'auth',
      'access-denied',
      `Amazon denies ${op}: ${said} Give the app the roles "Inventory and Order Tracking" and "Product Listing", then authorize it again.`,
    );
  return fail('rejected', 'access-denied', `Amazon denies ${op}: ${said}`);
}

/** Login with Amazon: RFC 6749 errors, and 200 only with a token in it. */
function classifyToken(response: HttpResponse, body: unknown): Failure | undefined {
  const { status } = response;
  const fields = isRecord(body) ? body : {};
  if (status === 200 && text(fields['access_token'])) return undefined;
  const platformCode = text(fields['error']);
  const said = text(fields['error_description']) ?? platformCode ?? `HTTP ${status}`;
  if (status === 429)
    return new Failure('throttled', 'rate-limited', 'Login with Amazon asks us to slow down.', {
      status,
      retryAfterMs: retryAfterMs(response),
    });
  if (status >= 500 || (status >= 200 && status < 400))
    return new Failure('transient', 'login-unavailable', `Login with Amazon: ${said}`, { status, platformCode });
  const next =
    platformCode === 'invalid_client'
      ? 'The client secret may have run out (180 days): rotate it in Developer Central and enter the new one.'
      : 'Authorize the app again in Developer Central and enter the new refresh token.';
  return new Failure('auth', 'login-refused', `Login with Amazon refused: ${said}. ${next}`, { status, platformCode });
}

interface AmazonError {
  code?: string;
  message?: string;
  details?: string;
}

/** `errors` stands at the top in every API; `error` (LWA, gateways) is a text. */
function firstError(body: unknown): AmazonError {
  const first = isRecord(body) ? list(body['errors'])[0] : undefined;
  if (!isRecord(first)) return {};
  return {
    code: text(first['code']) ?? 'unknown',
    message: text(first['message']),
    details: text(first['details']) || undefined,
  };
}

const EMPTY = Symbol('empty');

function parse(response: HttpResponse): unknown {
  try {
    const body = bodyText(response);
    return body.trim() === '' ? EMPTY : readJson(body);
  } catch {
    return undefined;
  }
}

/** Amazon promises no Retry-After; where one comes along it is obeyed. */
function retryAfterMs(response: HttpResponse): number | undefined {
  const seconds = Number(response.headers['retry-after']);
  return seconds > 0 && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/**
 * The rate in force for this seller, which may be higher than the published one. Printed on good answers, 400 and 404;
 * never on a 429.
 */
export function readBudget(response: HttpResponse, op: AmazonOp): Record<string, { perSecond: number }> | undefined {
  const perSecond = Number(response.headers['x-amzn-ratelimit-limit'] ?? Number.NaN);
  const budget = amazonFacts.operations[op].budgets[0];
  if (!(perSecond > 0) || !Number.isFinite(perSecond) || budget === undefined) return undefined;
  return { [budget]: { perSecond } };
}
