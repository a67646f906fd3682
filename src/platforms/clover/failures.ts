import type { FailureClass } from '../../platform/failure.ts';
import { Failure } from '../../platform/failure.ts';
import type { HttpResponse } from '../../platform/http.ts';
import { readAnswer, record } from './api.ts';
import type { CloverOp } from './facts.ts';

const SAYS: Record<string, string> = {
  'token-refused':
    'Clover does not accept the token for this. It says so too when a permission is missing or the region is another one: check token, permissions (Inventory, Orders, Payments, Merchant) and region.',
  'not-renewed':
    'Clover does not renew the access. A refresh token works once: connect the merchant again if another program used it.',
  'rate-limited': 'Too many calls for this token or app: the same again after a wait.',
  'not-found': 'Clover does not know this.',
  'server-error': 'Clover broke down over this call.',
};

/** What an answer means. Total. */
export function classify(response: HttpResponse, op: CloverOp): Failure | undefined {
  const { status } = response;
  const answer = record(readAnswer(response));
  const as = (kind: FailureClass, code: string): Failure => failure(kind, code, response, answer);
  if (status >= 200 && status < 300) {
    if (!answer)
      return new Failure(broken(op), 'not-json', 'Clover answered with something else than JSON; a proxy, perhaps.', {
        status,
      });
    if (op === 'token' && !isText(answer['access_token'])) return as('auth', 'not-renewed');
    return undefined;
  }
  // The client knows redirects.
  if (status < 400) return undefined;
  if (status === 429) return as('throttled', 'rate-limited');
  if (status === 408 || status >= 500) return as(broken(op), 'server-error');
  if (op === 'token') return as('auth', 'not-renewed');
  if (status === 401 || status === 403) return as('auth', 'token-refused');
  if (status === 404 || status === 410) return as('gone', 'not-found');
  if (status === 409) return as('conflict', 'conflict');
  return as('rejected', 'refused');
}

/** A broken answer to a write leaves open whether it was done, and so does one to a token that works once. */
const broken = (op: CloverOp): FailureClass =>
  op === 'writeStock' || op === 'token' ? 'unknown-outcome' : 'transient';

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

function failure(
  kind: FailureClass,
  code: string,
  response: HttpResponse,
  answer: Record<string, unknown> | undefined,
): Failure {
  const { status } = response;
  const told = isText(answer?.['message']) ? String(answer!['message']).slice(0, 300) : '';
  const retryAfterMs = kind === 'throttled' ? waitOf(response) : undefined;
  return new Failure(kind, code, `${SAYS[code] ?? `Clover refused (HTTP ${status}).`}${told && ` It says: ${told}`}`, {
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

const WAIT_MS_MAX = 3_600_000;
/** Where Clover states no time, its limits are counted per second. */
const WAIT_MS = 1_000;

/** `retry-after` (seconds) comes with refusals for too many calls at once; calling earlier makes the wait longer. */
function waitOf({ headers }: HttpResponse): number {
  const after = headers['retry-after']?.trim();
  if (!after || !/^\d{1,9}$/.test(after)) return WAIT_MS;
  return Math.min(Math.max(WAIT_MS, Number(after) * 1000), WAIT_MS_MAX);
}
