import { Failure, type FailureClass } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { readAnswer, record } from './answer.ts';
import type { NetsuiteOp } from './facts.ts';

/** NetSuite names no time to wait. */
const BUSY_MS = 3_000;

export interface NetsuiteError {
  code: string;
  detail: string;
  /** Where in the request: `inventory.items[0].item`. */
  path: string;
}

const SAYS: Partial<Record<string, string>> = {
  'rate-limited':
    'NetSuite has too many calls under way at once, from all who call this account: the same again after a wait.',
  'token-refused':
    'NetSuite does not accept the token. Setup > Users/Roles > View Login Audit Trail says why; check role, integration record and account ID.',
  'not-allowed': 'The role lacks a permission. Add it under Setup > Users/Roles > Manage Roles; the guide lists them.',
};

/** What an answer means. Total. */
export function classify(response: HttpResponse, op: NetsuiteOp): Failure | undefined {
  const { status } = response;
  const body = readAnswer(response);
  const [error] = errorsOf(body);
  const as = (kind: FailureClass, code: string) => failure(kind, code, response, error);
  if (status === 429 || /CONCURRENCY|REQUEST_LIMIT|SSS_USAGE_LIMIT/.test(error?.code ?? ''))
    return as('throttled', 'rate-limited');
  if (status >= 500 || status === 408) return as(broken(op), 'server-error');
  if (status >= 200 && status < 300) return ofGoodStatus(response, body, error, op);
  if (status >= 300 && status < 400) return as('rejected', 'redirected');
  return ofError(status, error, as, op);
}

function ofError(
  status: number,
  error: NetsuiteError | undefined,
  as: (kind: FailureClass, code: string) => Failure,
  op: NetsuiteOp,
): Failure {
  const code = error?.code ?? '';
  if (op === 'token') return as('auth', 'token-refused');
  if (/INSUFFICIENT_PERMISSION|PERMISSION_VIOLATION/.test(code) || status === 403) return as('auth', 'not-allowed');
  if (status === 401 || /^INVALID_LOGIN/.test(code)) return as('auth', 'token-refused');
  if (status === 404 && op !== 'adjust') return as('rejected', 'no-such-address');
  if (status === 409) return as('conflict', 'conflict');
  return as('rejected', 'refused');
}

/** Queries answer with `items`, the token call with a token, the RESTlet with `rows`; a write with 204 and nothing. */
function ofGoodStatus(
  response: HttpResponse,
  body: unknown,
  error: NetsuiteError | undefined,
  op: NetsuiteOp,
): Failure | undefined {
  const { status } = response;
  if (error) return failure(op === 'adjust' ? 'unknown-outcome' : 'rejected', 'error-inside', response, error);
  if (op === 'adjust') {
    if (response.headers['location'] !== undefined || bodyText(response).trim() === '') return undefined;
  } else {
    const members = op === 'token' ? ['access_token'] : op === 'restletLevels' ? ['rows'] : ['items'];
    if (members.some((name) => record(body)?.[name] !== undefined)) return undefined;
    // A RESTlet that never ran answers with a page that says so, and 200.
    if (op === 'token') return failure('auth', 'no-token', response, error);
  }
  return new Failure(
    broken(op),
    'odd-answer',
    'NetSuite answered with something else than was asked for; a proxy or a log-in page, perhaps.',
    {
      status,
    },
  );
}

/** A broken answer to a write leaves open whether it was done; to a read it means nothing. */
const broken = (op: NetsuiteOp): FailureClass => (op === 'adjust' ? 'unknown-outcome' : 'transient');

function failure(
  kind: FailureClass,
  code: string,
  { status }: HttpResponse,
  error: NetsuiteError | undefined,
): Failure {
  const told = error
    ? ` It says: ${[error.code, error.detail].filter(Boolean).join(', ')}${error.path && ` (${error.path})`}`
    : '';
  return new Failure(kind, code, `${SAYS[code] ?? `NetSuite refused (HTTP ${status}).`}${told.slice(0, 500)}`, {
    status,
    ...(error && { platformCode: error.code }),
    ...(kind === 'throttled' && { retryAfterMs: BUSY_MS }),
    // Which row of a write is meant: read again by rowOf.
    ...(error?.path && { cause: new Error(error.path) }),
  });
}

/** `o:errorDetails` of the REST services, `error` of RESTlets, `error` and `error_description` of OAuth. */
function errorsOf(body: unknown): NetsuiteError[] {
  const answer = record(body);
  if (!answer) return [];
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const details = answer['o:errorDetails'];
  if (Array.isArray(details))
    return details.flatMap((one) => {
      const { detail, ['o:errorCode']: code, ['o:errorPath']: path } = record(one) ?? {};
      return [{ code: text(code), detail: text(detail), path: text(path) }];
    });
  if (typeof answer['o:errorCode'] === 'string')
    return [{ code: answer['o:errorCode'], detail: text(answer['title']), path: '' }];
  const restlet = record(answer['error']);
  if (restlet) return [{ code: text(restlet['code']), detail: text(restlet['message']), path: '' }];
  if (typeof answer['error'] === 'string')
    return [{ code: answer['error'], detail: text(answer['error_description']), path: '' }];
  return [];
}

/** The row of a refused write, by its place in the request: `inventory.items[3].item` is row 3. */
export function rowOf({ cause }: Failure): number | undefined {
  const row = cause instanceof Error ? /^inventory\.items\[(\d{1,4})\]/.exec(cause.message)?.[1] : undefined;
  return row === undefined ? undefined : Number(row);
}

/** Our own external ID is there already: the adjustment that is sent again was saved the first time. */
export const isDuplicate = ({ message, platformCode }: Failure): boolean =>
  /DUP_|DUPLICATE/i.test(platformCode ?? '') || /already exists|duplicate external/i.test(message);
