import type { FailureClass } from '../../platform/failure.ts';
import { Failure } from '../../platform/failure.ts';
import type { HttpResponse } from '../../platform/http.ts';
import { readAnswer, record } from './api.ts';
import type { LightspeedXOp } from './facts.ts';

/** What a 429 means that names no time. */
const BUSY_MS = 30_000;
const WAIT_MS_MAX = 3_600_000;

/** What an answer means. Total. */
export function classify(response: HttpResponse, op: LightspeedXOp): Failure | undefined {
  const { status } = response;
  const answer = readAnswer(response);
  if (status >= 200 && status < 300) return ofGoodStatus(status, answer, op);
  const error = errorIn(answer);
  const as = (kind: FailureClass, code: string, says: string, retryAfterMs?: number) =>
    new Failure(kind, code, error.text ? `${says} It says: ${error.text}` : says, {
      status,
      ...(error.code && { platformCode: error.code }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  if (status === 429)
    return as(
      'throttled',
      'rate-limited',
      'Lightspeed is busy: the same again after a wait.',
      waitOf(response) ?? BUSY_MS,
    );
  if (status === 408 || status >= 500)
    return as(broken(op), 'server-error', `Lightspeed failed (HTTP ${status}).`, waitOf(response));
  if (status >= 300 && status < 400)
    return as(
      'rejected',
      'redirected',
      'Lightspeed sends us on to another address. Compare the domain prefix in the settings.',
    );
  if (op === 'token') return as('auth', 'not-renewed', 'Lightspeed does not renew the token. Connect the store again.');
  if (status === 401)
    return as('auth', 'token-refused', 'Lightspeed does not accept the token. Put a new one into the settings.');
  if (status === 403)
    return as(
      'auth',
      'scope-missing',
      'The token may not do this. Authorize again with the scopes in the set-up guide.',
    );
  if (status === 404 && record(answer) === undefined)
    return as('rejected', 'no-store', 'There is no store at this address. Compare the domain prefix in the settings.');
  if (status === 404 || status === 410) return as('gone', 'not-found', 'Lightspeed does not have it any more.');
  if (status === 409) return as('conflict', 'exists', 'It exists already.');
  return as('rejected', 'refused', `Lightspeed refused it (HTTP ${status}).`);
}

function ofGoodStatus(status: number, answer: unknown, op: LightspeedXOp): Failure | undefined {
  if (answer === undefined && !(op === 'hookWrite' && status !== 201))
    return new Failure(broken(op), 'not-json', 'Lightspeed answered with something else than JSON; a proxy, perhaps.', {
      status,
    });
  const told = record(answer);
  if (op === 'token')
    return typeof told?.['access_token'] === 'string' && told['access_token'] !== ''
      ? undefined
      : new Failure('auth', 'no-token', 'Lightspeed answered the token request without a token.', { status });
  if (told && typeof told['error'] === 'string' && told['data'] === undefined)
    return new Failure('rejected', 'refused', `Lightspeed refused it. It says: ${errorIn(told).text}`, { status });
  return undefined;
}

/** A broken answer to a write leaves open whether it was done; to a read it means nothing. */
const broken = (op: LightspeedXOp): FailureClass => (op === 'adjust' ? 'unknown-outcome' : 'transient');

/** `{error, message}`, or `{errors: …}` of validations. */
function errorIn(answer: unknown): { code?: string; text: string } {
  const told = record(answer);
  const text = (value: unknown) =>
    typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  const code = typeof told?.['error'] === 'string' ? told['error'].slice(0, 100) : undefined;
  const parts = [told?.['error'], told?.['message'], told?.['errors']].map(text).filter(Boolean);
  return { ...(code && { code }), text: parts.join(', ').slice(0, 300) };
}

/** `Retry-After` is a date here; seconds are understood too. Dates are taken by the answer's own clock. */
function waitOf({ headers }: HttpResponse): number | undefined {
  const after = headers['retry-after']?.trim() ?? '';
  const waitMs = /^\d{1,9}$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.parse(headers['date'] ?? '');
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), WAIT_MS_MAX) : undefined;
}

/** Calls in five minutes that one register brings, the fixed part included. */
const ONE_REGISTER = 350;
/** Our bucket's size; less than this left means that others spend too. */
const BURST = 50;

/** `X-RateLimit-Limit` is 300 × registers + 50: a store with more registers may ask more often. */
export function readBudget({ headers }: HttpResponse, op: LightspeedXOp) {
  if (op === 'token') return undefined;
  const limit = Number(headers['x-ratelimit-limit'] || Number.NaN);
  const left = Number(headers['x-ratelimit-remaining'] || Number.NaN);
  const calls = {
    ...(Number.isFinite(limit) && limit >= ONE_REGISTER && { perSecond: limit / ONE_REGISTER }),
    ...(Number.isFinite(left) && left >= 0 && left < BURST && { available: left }),
  };
  return Object.keys(calls).length > 0 ? { calls } : undefined;
}
