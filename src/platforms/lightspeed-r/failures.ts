import type { FailureClass } from '../../platform/failure.ts';
import { Failure } from '../../platform/failure.ts';
import type { HttpResponse } from '../../platform/http.ts';
import { readAnswer, record } from './api.ts';
import type { LightspeedOp } from './facts.ts';

const SAYS: Record<string, string> = {
  'token-refused': 'Lightspeed does not accept the access token.',
  'scope-missing':
    'The token lacks a scope, or the employee who granted it lacks the right. Authorize again with the scopes of the set-up guide.',
  'not-renewed':
    'Lightspeed does not renew the access: the refresh token was used up, or unused for 30 days. Connect the account again.',
  'rate-limited': 'Too many drips for this account: the same again after a wait.',
  'not-found': 'Lightspeed does not know this.',
  'server-error': 'Lightspeed broke down over this call.',
};

/** What an answer means. Total. A good status with an error inside counts as that error. */
export function classify(response: HttpResponse, op: LightspeedOp): Failure | undefined {
  const answer = record(readAnswer(response));
  const inside = Number(answer?.['httpCode'] ?? Number.NaN);
  const good = response.status >= 200 && response.status < 300;
  const status = good && inside >= 400 && inside < 600 ? inside : response.status;
  const as = (kind: FailureClass, code: string): Failure => failure(kind, code, status, response, answer);
  if (status >= 200 && status < 300) {
    if (!answer)
      return new Failure(
        broken(op),
        'not-json',
        'Lightspeed answered with something else than JSON; a proxy, perhaps.',
        {
          status,
        },
      );
    if (op === 'token' && !isText(answer['access_token'])) return as('auth', 'not-renewed');
    return undefined;
  }
  // The client knows redirects.
  if (status < 400) return undefined;
  if (status === 429) return as('throttled', 'rate-limited');
  if (status === 408 || status >= 500) return as(broken(op), 'server-error');
  if (op === 'token') return as('auth', 'not-renewed');
  if (status === 401) return as('auth', 'token-refused');
  if (status === 403) return as('auth', 'scope-missing');
  if (status === 404 || status === 410) return as('gone', 'not-found');
  if (status === 409) return as('conflict', 'conflict');
  return as('rejected', 'refused');
}

/** A broken answer to a write leaves open whether it was done; to a read it means nothing. */
const broken = (op: LightspeedOp): FailureClass =>
  op === 'writeItem' || op === 'writeShop' ? 'unknown-outcome' : 'transient';

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function failure(
  kind: FailureClass,
  code: string,
  status: number,
  response: HttpResponse,
  answer: Record<string, unknown> | undefined,
): Failure {
  const { message, error, errorClass } = answer ?? {};
  const told = isText(message) ? message : isText(error) ? error : '';
  const retryAfterMs = kind === 'throttled' ? waitOf(response) : undefined;
  return new Failure(
    kind,
    code,
    `${SAYS[code] ?? `Lightspeed refused (HTTP ${status}).`}${told && ` It says: ${told.slice(0, 300)}`}`,
    {
      status,
      ...(isText(errorClass) && { platformCode: errorClass.slice(0, 100) }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    },
  );
}

const WAIT_MS_MAX = 3_600_000;
/** What the limit per second asks for at least. */
const WAIT_MS = 1_000;

function waitOf({ headers }: HttpResponse): number {
  const after = headers['retry-after']?.trim();
  if (!after || !/^\d{1,9}(\.\d+)?$/.test(after)) return WAIT_MS;
  return Math.min(Math.max(WAIT_MS, Math.ceil(Number(after) * 1000)), WAIT_MS_MAX);
}

/** Every answer tells how full the bucket is ("12.5/90"), how fast it drips, and what the call has cost. */
export function readBudget({ headers }: HttpResponse) {
  const [, level, size] =
    /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(headers['x-ls-api-bucket-level']?.trim() ?? '') ?? [];
  if (level === undefined || !(Number(size) > 0)) return undefined;
  const perSecond = positive(headers['x-ls-api-drip-rate']);
  const cost = positive(headers['x-ls-api-request-cost']);
  return {
    drips: {
      available: Number(size) - Number(level),
      size: Number(size),
      ...(perSecond !== undefined && { perSecond }),
      ...(cost !== undefined && { cost }),
    },
  };
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text?.trim() || Number.NaN);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
