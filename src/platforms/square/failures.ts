import type { FailureClass } from '../../platform/failure.ts';
import { Failure } from '../../platform/failure.ts';
import type { HttpResponse } from '../../platform/http.ts';
import { readAnswer, record } from './api.ts';
import type { SquareOp } from './facts.ts';

/** One entry of Square's `errors`. */
export interface SquareError {
  category: string;
  code: string;
  detail: string;
  /** Where in the request: `changes[3].adjustment.quantity`. */
  field: string;
}

/** Codes that decide, whatever the HTTP status. Everything else goes by status, then by category. */
const BY_CODE: Record<string, [FailureClass, string]> = {
  RATE_LIMITED: ['throttled', 'rate-limited'],
  UNAUTHORIZED: ['auth', 'token-refused'],
  ACCESS_TOKEN_EXPIRED: ['auth', 'token-expired'],
  ACCESS_TOKEN_REVOKED: ['auth', 'token-revoked'],
  CLIENT_DISABLED: ['auth', 'application-disabled'],
  APPLICATION_DISABLED: ['auth', 'application-disabled'],
  FORBIDDEN: ['auth', 'forbidden'],
  INSUFFICIENT_SCOPES: ['auth', 'scope-missing'],
  INSUFFICIENT_PERMISSIONS: ['auth', 'scope-missing'],
  NOT_FOUND: ['gone', 'not-found'],
  GONE: ['gone', 'not-found'],
  CONFLICT: ['conflict', 'conflict'],
  IDEMPOTENCY_KEY_REUSED: ['conflict', 'key-reused'],
  INVALID_TIME: ['rejected', 'time-refused'],
  INVALID_CURSOR: ['rejected', 'cursor-refused'],
};

const SAYS: Partial<Record<string, string>> = {
  'token-refused': 'Square does not accept the access token. Put a new one into the settings.',
  'token-expired': 'The access token has ended. Connect the seller again, or give a refresh token.',
  'token-revoked': 'The seller took the access away. Ask them to authorize the application again.',
  'scope-missing': 'The application lacks a permission. Authorize it again with the scopes in the set-up guide.',
  'rate-limited': 'Square is busy: the same again after a wait.',
};

/** What an answer means. Total. A write's own per-row errors in a good answer are for push.ts. */
export function classify(response: HttpResponse, op: SquareOp): Failure | undefined {
  const { status } = response;
  const answer = record(readAnswer(response));
  const errors = errorsOf(answer);
  if (status >= 200 && status < 300) return ofGoodStatus(status, answer, errors, op);
  if (status >= 300 && status < 400) return undefined;
  const as = (kind: FailureClass, code: string) => failure(kind, code, response, errors);
  if (status === 429) return as('throttled', 'rate-limited');
  if (status === 408 || status >= 500) return as(broken(op), 'server-error');
  if (op === 'token') return as('auth', 'not-renewed');
  const known = errors[0] && BY_CODE[errors[0].code];
  if (known) return as(known[0], known[1]);
  if (status === 401 || status === 403) return as('auth', 'token-refused');
  if (status === 404 || status === 410) return as('gone', 'not-found');
  if (status === 409) return as('conflict', 'conflict');
  return as('rejected', 'refused');
}

function ofGoodStatus(
  status: number,
  answer: Record<string, unknown> | undefined,
  errors: SquareError[],
  op: SquareOp,
): Failure | undefined {
  if (!answer)
    return new Failure(broken(op), 'not-json', 'Square answered with something else than JSON; a proxy, perhaps.', {
      status,
    });
  if (op === 'token')
    return typeof answer['access_token'] === 'string' && answer['access_token'] !== ''
      ? undefined
      : new Failure('auth', 'no-token', 'Square answered the token request without a token.', { status });
  const [first] = errors;
  // Which rows of a write went wrong is told beside those that did not.
  if (!first || op === 'changeInventory') return undefined;
  const [kind, code] = BY_CODE[first.code] ?? ['rejected', 'refused'];
  return new Failure(kind, code, sentence(code, first, status), { status, platformCode: first.code });
}

/** A broken answer to a write leaves open whether it was done; to a read it means nothing. */
const broken = (op: SquareOp): FailureClass => (op === 'changeInventory' ? 'unknown-outcome' : 'transient');

function failure(kind: FailureClass, code: string, response: HttpResponse, errors: SquareError[]): Failure {
  const { status } = response;
  const [error] = errors;
  const retryAfterMs = kind === 'throttled' || kind === 'transient' ? waitOf(response) : undefined;
  return new Failure(kind, code, sentence(code, error, status), {
    status,
    ...(error && { platformCode: error.code }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    // Which rows of a write are meant: read again by rowErrors, never by people.
    ...(errors.some(({ field }) => field !== '') && { cause: new Error(JSON.stringify(errors)) }),
  });
}

/** What a refused write says of single rows, by their place in the request: `changes[3].adjustment.quantity` is row 3. */
export function rowErrors({ cause }: Failure): Map<number, SquareError> {
  const rows = new Map<number, SquareError>();
  if (!(cause instanceof Error)) return rows;
  let told: unknown;
  try {
    told = { errors: JSON.parse(cause.message) };
  } catch {
    return rows;
  }
  for (const error of errorsOf(record(told))) {
    const row = /^changes\[(\d{1,3})\]/.exec(error.field)?.[1];
    if (row !== undefined && !rows.has(Number(row))) rows.set(Number(row), error);
  }
  return rows;
}

function sentence(code: string, error: SquareError | undefined, status: number): string {
  const told = error ? `${error.code}${error.detail && `, ${error.detail}`}${error.field && ` (${error.field})`}` : '';
  return `${SAYS[code] ?? `Square refused (HTTP ${status}).`}${told && ` It says: ${told}`}`;
}

/** `errors` of an answer; entries of another shape are left out. */
export function errorsOf(answer: Record<string, unknown> | undefined): SquareError[] {
  const errors = answer?.['errors'];
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((entry) => {
    const error = record(entry);
    if (!error || typeof error['code'] !== 'string') return [];
    const text = (name: string) => (typeof error[name] === 'string' ? (error[name] as string) : '');
    return [{ category: text('category'), code: error['code'], detail: text('detail'), field: text('field') }];
  });
}

/** The failure of one row of a write. */
export function rowFailure(error: SquareError): Failure {
  const [kind, code] = BY_CODE[error.code] ?? ['rejected', 'refused'];
  return new Failure(kind, code, sentence(code, error, 200), { platformCode: error.code });
}

const WAIT_MS_MAX = 3_600_000;

/** Square documents no such header; its own SDK reads these two. Times are taken by the answer's own `Date`. */
function waitOf({ headers }: HttpResponse): number | undefined {
  const now = Date.parse(headers['date'] ?? '');
  const after = headers['retry-after']?.trim();
  const reset = headers['x-ratelimit-reset']?.trim();
  let waitMs = Number.NaN;
  if (after && /^\d{1,9}$/.test(after)) waitMs = Number(after) * 1000;
  else if (after) waitMs = Date.parse(after) - now;
  else if (reset && /^\d{1,12}$/.test(reset)) waitMs = Number(reset) * 1000 - now;
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), WAIT_MS_MAX) : undefined;
}
