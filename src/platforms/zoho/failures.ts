import { Failure, type FailureClass } from '../../platform/failure.ts';
import type { HttpResponse } from '../../platform/http.ts';
import { readAnswer, record } from './api.ts';
import type { ZohoOp } from './facts.ts';

/** Zoho's own numbers, which stand in the body whatever the status is. */
const BY_CODE: Record<string, [FailureClass, string]> = {
  14: ['auth', 'token-refused'],
  57: ['auth', 'scope-missing'],
  6041: ['auth', 'other-organization'],
  44: ['throttled', 'rate-limited'],
  45: ['throttled', 'daily-limit'],
  1002: ['gone', 'not-found'],
  2006: ['gone', 'not-found'],
};

/** What the accounts host says, with 200 as with 400. */
const BY_ERROR: [RegExp, FailureClass, string][] = [
  [/^access[ _]denied$/i, 'throttled', 'too-many-tokens'],
  [/^invalid_(code|client|client_secret|grant)/i, 'auth', 'not-renewed'],
];

const SAYS: Partial<Record<string, string>> = {
  'token-refused': 'Zoho does not accept the access token: it is renewed once.',
  'scope-missing': 'The Self Client lacks a scope. Make a new code with the scopes of the set-up guide.',
  'other-organization':
    'This user does not belong to the organization. Compare the organization ID and the data centre.',
  'rate-limited': 'Zoho takes 100 calls a minute: the same again after a wait.',
  'daily-limit': 'The calls of this day are used up in Zoho. They are counted anew from midnight on.',
  'too-many-tokens': 'Zoho gives ten access tokens in ten minutes: the same again after a wait.',
  'not-renewed':
    'Zoho gives no new access token. Compare client ID, secret, refresh token and data centre with the settings.',
};

const TOKEN_WAIT_MS = 600_000;
const WAIT_MS_MAX = 86_400_000;

/** What an answer means. Total. */
export function classify(response: HttpResponse, op: ZohoOp): Failure | undefined {
  const { status } = response;
  const answer = record(readAnswer(response));
  if (op === 'token') return ofToken(response, answer);
  const code = answer?.['code'];
  const known = typeof code === 'number' || typeof code === 'string' ? BY_CODE[String(code)] : undefined;
  const as = ([kind, ours]: [FailureClass, string]) => failure(kind, ours, response, answer);
  if (status === 429) return as(known?.[0] === 'throttled' ? known : ['throttled', 'rate-limited']);
  if (status >= 500 || status === 408) return as([op === 'adjust' ? 'unknown-outcome' : 'transient', 'server-error']);
  if (status >= 300 && status < 400) return undefined;
  if (status >= 200 && status < 300) {
    if (!answer) return as([op === 'adjust' ? 'unknown-outcome' : 'transient', 'not-json']);
    // 200 with another code than 0 is a refusal.
    return code === undefined || Number(code) === 0 ? undefined : as(known ?? ['rejected', 'refused']);
  }
  if (known) return as(known);
  if (status === 401) return as(['auth', 'token-refused']);
  if (status === 403) return as(['auth', 'scope-missing']);
  if (status === 404 || status === 410) return as(['gone', 'not-found']);
  return as(['rejected', 'refused']);
}

function ofToken(response: HttpResponse, answer: Record<string, unknown> | undefined): Failure | undefined {
  const { status } = response;
  const error = answer?.['error'];
  if (status === 429) return failure('throttled', 'too-many-tokens', response, answer);
  if (status >= 500 || status === 408) return failure('transient', 'server-error', response, answer);
  if (typeof error === 'string') {
    const known = BY_ERROR.find(([pattern]) => pattern.test(error));
    const [, kind, code] = known ?? [undefined, 'auth' as const, 'not-renewed'];
    return failure(kind, code, response, answer, error);
  }
  if (status >= 300 && status < 400) return undefined;
  if (status >= 400) return failure('auth', 'not-renewed', response, answer);
  return typeof answer?.['access_token'] === 'string' && answer['access_token'] !== ''
    ? undefined
    : failure('auth', 'not-renewed', response, answer);
}

function failure(
  kind: FailureClass,
  code: string,
  response: HttpResponse,
  answer: Record<string, unknown> | undefined,
  platformCode = answer?.['code'] === undefined ? undefined : String(answer['code']),
): Failure {
  const { status } = response;
  const message = typeof answer?.['message'] === 'string' ? answer['message'].trim().slice(0, 300) : '';
  const say = SAYS[code] ?? `Zoho refused (HTTP ${status}).`;
  const retryAfterMs = kind === 'throttled' || kind === 'transient' ? waitOf(response, code) : undefined;
  return new Failure(kind, code, message ? `${say} It says: ${message}` : say, {
    status,
    ...(platformCode && { platformCode }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function waitOf({ headers }: HttpResponse, code: string): number | undefined {
  const told = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}$/.test(told)) return Math.min(Number(told) * 1_000, WAIT_MS_MAX);
  return code === 'too-many-tokens' ? TOKEN_WAIT_MS : undefined;
}

/** Which of the two limits a refusal means: the minute's passes by itself, and must not stop the day's. */
export function readBudget(response: HttpResponse, op: ZohoOp): { minute: { available: number } } | undefined {
  if (response.status !== 429 || op === 'token') return undefined;
  const code = record(readAnswer(response))?.['code'];
  return String(code) === '45' ? undefined : { minute: { available: 0 } };
}
