import { Failure } from '../../platform/failure.ts';
import type { HttpResponse } from '../../platform/http.ts';
import type { ShopifyOp } from './facts.ts';
import { readAnswer, record } from './graphql.ts';

/** Shopify's waits are told in seconds, in a header; the cost bucket's wait is computed from what the answer says of it. */
const BUSY_MS = 2_000;

/** A lost or broken answer to a write leaves open whether it was done; to anything else it means nothing was. */
const broken = (op: ShopifyOp): 'unknown-outcome' | 'transient' =>
  op === 'setQuantities' ? 'unknown-outcome' : 'transient';

/**
 * What an answer means. Shopify says "too fast", "not allowed" and "we broke" with HTTP 200 and an `errors` member, and a
 * stored-but-refused write with `userErrors` (those are per target: see push.ts). Total.
 */
export function classify(response: HttpResponse, op: ShopifyOp): Failure | undefined {
  const byStatus = ofStatus(response, op);
  if (byStatus) return byStatus;
  const answer = record(readAnswer(response));
  const { status } = response;
  if (!answer)
    return new Failure(
      broken(op),
      'not-json',
      'Shopify answered with something else than JSON; a proxy or a password page.',
      {
        status,
      },
    );
  if (op === 'token')
    return typeof answer['access_token'] === 'string'
      ? undefined
      : new Failure('auth', 'no-token', 'Shopify answered the token request without a token.', { status });
  const errors = answer['errors'];
  if (errors !== undefined && errors !== null && !(Array.isArray(errors) && errors.length === 0))
    return ofErrors(Array.isArray(errors) ? errors : [errors], answer, status, op);
  if (record(answer['data'])) return undefined;
  return new Failure(broken(op), 'no-data', 'Shopify answered without data and without an error.', { status });
}

function ofStatus(response: HttpResponse, op: ShopifyOp): Failure | undefined {
  const { status } = response;
  if (status >= 200 && status < 300) return undefined;
  const told = messageOf(response);
  const retryAfterMs = retryAfter(response);
  // 430: Shopify's own number for "looks like an attack, slow down".
  if (status === 429 || status === 430 || (status === 503 && retryAfterMs !== undefined))
    return new Failure('throttled', 'rate-limited', `Shopify is busy (${status}): the same again after the wait.`, {
      status,
      retryAfterMs: retryAfterMs ?? BUSY_MS,
    });
  if (status >= 500)
    return new Failure(broken(op), 'server-error', `Shopify failed with ${status}. ${told}`.trim(), {
      status,
      retryAfterMs,
    });
  if (status === 401 || (op === 'token' && status < 500))
    return new Failure(
      'auth',
      op === 'token' ? 'token-refused' : 'bad-token',
      `Shopify does not accept ${op === 'token' ? 'client ID, client secret or refresh token' : 'the access token'} (${told || status}). Renew it in the channel's settings.`,
      { status },
    );
  if (status === 402 || status === 403 || status === 404 || status === 423)
    return new Failure('auth', SHOP_CLOSED[status], `${SHOP_SAYS[status]} ${told}`.trim(), { status });
  return new Failure('rejected', 'refused', `Shopify refused the request with ${status}. ${told}`.trim(), { status });
}

const SHOP_CLOSED = { 402: 'shop-frozen', 403: 'forbidden', 404: 'no-such-shop', 423: 'shop-locked' } as const;
const SHOP_SAYS = {
  402: 'The shop is frozen until its bill is paid.',
  403: 'The app may not do this: grant the missing scope and install it again.',
  404: 'There is no such shop, or the API version has ended: check the shop address.',
  423: 'The shop is locked; ask Shopify support.',
} as const;

function ofErrors(errors: unknown[], answer: Record<string, unknown>, status: number, op: ShopifyOp): Failure {
  const coded = errors.map((error) => ({
    code: String(record(record(error)?.['extensions'])?.['code'] ?? ''),
    message: String(record(error)?.['message'] ?? (typeof error === 'string' ? error : 'no message')),
  }));
  const of = (...codes: string[]) => coded.find(({ code }) => codes.includes(code));
  const throttled = of('THROTTLED') ?? coded.find(({ message }) => message === 'Throttled');
  const details = (platformCode: string) => ({ status, ...(platformCode && { platformCode }) });
  if (throttled)
    return new Failure('throttled', 'rate-limited', 'The cost bucket is empty: the same again after the wait.', {
      ...details('THROTTLED'),
      retryAfterMs: bucketWait(answer),
    });
  const denied = of('ACCESS_DENIED', 'SHOP_INACTIVE', 'FORBIDDEN', 'UNAUTHORIZED');
  if (denied) {
    const next = denied.code === 'ACCESS_DENIED' ? 'Grant the scope that is named and install the app again.' : '';
    return new Failure('auth', 'access-denied', `${denied.message} ${next}`.trim(), details(denied.code));
  }
  const inside = of('INTERNAL_SERVER_ERROR', 'TIMEOUT', 'SERVICE_UNAVAILABLE');
  if (inside) return new Failure(broken(op), 'server-error', `Shopify failed: ${inside.message}`, details(inside.code));
  const first = coded[0]!;
  return new Failure('rejected', 'refused', `Shopify refused ${op}: ${first.message}`, details(first.code));
}

/** `(requestedQueryCost − currentlyAvailable) / restoreRate`, as Shopify's guide says. */
function bucketWait(answer: Record<string, unknown>): number {
  const cost = costOf(answer);
  if (!cost?.perSecond) return BUSY_MS;
  const missing = (cost.requested ?? 0) - (cost.available ?? 0);
  return missing > 0 ? Math.ceil((missing / cost.perSecond) * 1000) : 1;
}

function costOf(answer: Record<string, unknown> | undefined) {
  const cost = record(record(answer?.['extensions'])?.['cost']);
  const bucket = record(cost?.['throttleStatus']);
  if (!cost || !bucket) return undefined;
  const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
  return {
    requested: number(cost['requestedQueryCost']),
    actual: number(cost['actualQueryCost']),
    size: number(bucket['maximumAvailable']),
    available: number(bucket['currentlyAvailable']),
    perSecond: number(bucket['restoreRate']),
  };
}

/** The bucket as every GraphQL answer describes it, throttled ones included. */
export function readBudget(
  response: HttpResponse,
): Record<string, { available?: number; size?: number; perSecond?: number; cost?: number }> | undefined {
  const cost = costOf(record(readAnswer(response)));
  if (!cost) return undefined;
  const { available, size, perSecond } = cost;
  return { points: { available, size, perSecond, cost: cost.actual ?? 0 } };
}

function retryAfter(response: HttpResponse): number | undefined {
  const seconds = Number(response.headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1000) : undefined;
}

/** `{"errors":"…"}` and `{"error":…,"error_description":…}`: what Shopify says in REST-style refusals. */
function messageOf(response: HttpResponse): string {
  const answer = record(readAnswer(response));
  const told = answer?.['error_description'] ?? answer?.['errors'] ?? answer?.['error'];
  return typeof told === 'string' ? told.slice(0, 300) : '';
}
