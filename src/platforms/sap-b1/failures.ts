import { Failure, type FailureClass } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { readAnswer, record } from './answer.ts';
import { facts, type SapOp } from './facts.ts';

const WAIT_MS_MAX = 3_600_000;
const MULTIPART: readonly SapOp[] = ['readLevels', 'feed', 'stockFeed'];

/**
 * What an answer means. Codes of SAP are shared by many causes and texts are in the user's language, so the HTTP status
 * decides; a text is only looked at where missing it does no harm. Total.
 */
export function classify(response: HttpResponse, op: SapOp): Failure | undefined {
  const { status } = response;
  const body = readAnswer(response);
  const error = errorOf(body);
  const as = (kind: FailureClass, code: string, say: string) => failure(kind, code, say, response, error);
  const wait = retryAfter(response);
  if (status === 429 || (status === 503 && wait !== undefined))
    return as('throttled', 'busy', 'The SAP server has too much to do: the same again after a wait.');
  if (status >= 500 || status === 408)
    return as(broken(op), 'server-error', 'The SAP server, or what stands in front of it, failed.');
  if (status >= 200 && status < 300) return ofGoodStatus(response, body, error, op);
  if (op === 'login')
    return as(
      'auth',
      'login-refused',
      'SAP refuses the login. Check company database, user and password, and that the user is not locked and has a licence.',
    );
  if (status === 401 || error?.code === '301' || error?.code === '-304')
    return as('auth', 'session-over', 'The session has ended; Onhand logs in again.');
  if (status === 403)
    return as(
      'auth',
      'not-allowed',
      'The user may not do this. Give it the authorization and a licence in SAP Business One.',
    );
  if (status === 404) {
    if (op === 'document') return as('gone', 'unknown-document', 'SAP does not have it.');
    return as(
      'rejected',
      'no-such-address',
      'There is no such address: is this the Service Layer, release 10.0 or later?',
    );
  }
  if (status === 409 || status === 412) return as('conflict', 'conflict', 'Somebody else was faster.');
  if (status >= 300 && status < 400)
    return as('rejected', 'redirected', 'The server sends us elsewhere. Put its final address into the settings.');
  if (/negative inventory/i.test(error?.message ?? ''))
    return as('conflict', 'below-zero', 'There is less in the warehouse than was to be taken out.');
  return as('rejected', 'refused', 'SAP refuses it.');
}

function ofGoodStatus(
  response: HttpResponse,
  body: unknown,
  error: SapError | undefined,
  op: SapOp,
): Failure | undefined {
  const { status } = response;
  const text = bodyText(response);
  if (MULTIPART.includes(op) && /^\s*--\S/.test(text)) return undefined;
  if (error)
    return failure(
      isWrite(op) ? 'unknown-outcome' : 'rejected',
      'error-inside',
      'SAP answered with an error inside a good answer.',
      response,
      error,
    );
  const answer = record(body);
  if (op === 'login') {
    if (typeof answer?.['SessionId'] === 'string') return undefined;
    return failure('auth', 'no-session', 'SAP answered the login without a session.', response, undefined);
  }
  // "Prefer: return-no-content" may be a server's default.
  if (isWrite(op) && (status === 204 || answer)) return undefined;
  const isGood = op === 'document' ? answer !== undefined : Array.isArray(answer?.['value']);
  if (isGood && !MULTIPART.includes(op)) return undefined;
  return failure(
    broken(op),
    'odd-answer',
    'Something else than the Service Layer answered; a proxy or a log-in page, perhaps.',
    response,
    undefined,
  );
}

const isWrite = (op: SapOp): boolean => facts.operations[op]?.retry === 'never';

/** A broken answer to a write leaves open whether it was done; to a read it means nothing. */
const broken = (op: SapOp): FailureClass => (isWrite(op) ? 'unknown-outcome' : 'transient');

interface SapError {
  code: string;
  message: string;
}

/** `{"error": {"code": "-5002", "message": "…"}}`; in V3 a number, and a text inside `message.value`. */
function errorOf(body: unknown): SapError | undefined {
  const error = record(record(body)?.['error']);
  if (!error) return undefined;
  const { code, message } = error;
  const told = record(message)?.['value'] ?? message;
  return {
    code: typeof code === 'number' || typeof code === 'string' ? String(code) : '',
    message: typeof told === 'string' ? told.slice(0, 400) : '',
  };
}

function failure(
  kind: FailureClass,
  code: string,
  say: string,
  response: HttpResponse,
  error: SapError | undefined,
): Failure {
  const { status } = response;
  const told =
    error && (error.message || error.code)
      ? ` It says: ${[error.message, error.code && `(${error.code})`].filter(Boolean).join(' ')}`
      : '';
  const retryAfterMs =
    kind === 'throttled' || kind === 'transient'
      ? (retryAfter(response) ?? (kind === 'throttled' ? 5_000 : undefined))
      : undefined;
  return new Failure(kind, code, `${say}${told}`, {
    status,
    ...(error?.code && { platformCode: error.code }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** Only proxies name a time. */
function retryAfter({ headers }: HttpResponse): number | undefined {
  const text = headers['retry-after']?.trim();
  return text && /^\d{1,9}$/.test(text) ? Math.min(Number(text) * 1000, WAIT_MS_MAX) : undefined;
}

/** The line that a refused document was refused for, counted from 0, where SAP names it: `[IGE1.ItemCode][line: 2]`. */
export function lineOf({ message }: Failure): number | undefined {
  const line = /\[line: (\d{1,4})\]/i.exec(message)?.[1];
  return line === undefined || line === '0' ? undefined : Number(line) - 1;
}
