import { Failure, type FailureClass } from '../../platform/failure.ts';
import type { HttpResponse } from '../../platform/http.ts';
import { readAnswer, record } from './api.ts';
import type { DynamicsOp } from './facts.ts';

/** Codes that decide whatever the HTTP status is: Business Central's, then Dataverse's. */
const BY_CODE: Record<string, [FailureClass, string]> = {
  BadRequest_ResourceNotFound: ['gone', 'not-found'],
  Internal_RecordNotFound: ['gone', 'not-found'],
  Internal_EntityWithSameKeyExists: ['conflict', 'exists'],
  Request_EntityChanged: ['conflict', 'changed-meanwhile'],
  Application_TooManyRequests: ['throttled', 'rate-limited'],
  Authentication_InvalidCredentials: ['auth', 'token-refused'],
  Internal_ServerError: ['unknown-outcome', 'server-error'],
  '0x80040217': ['gone', 'not-found'],
  '0x80060882': ['conflict', 'changed-meanwhile'],
  '0x80060891': ['gone', 'not-found'],
  '0x80072322': ['throttled', 'rate-limited'],
  '0x80072321': ['throttled', 'rate-limited'],
  '0x80072326': ['throttled', 'rate-limited'],
};

const SAYS: Partial<Record<string, string>> = {
  'client-refused':
    'Microsoft Entra refuses the app. Check tenant, client ID and the value of the client secret (it may have ended), then save them again.',
  'token-refused': 'Dynamics does not accept the token. Check that the app is registered in this environment.',
  forbidden: 'The app may not do this. Give its user the permissions in the set-up guide.',
  'rate-limited': 'Dynamics is busy: the same again after a wait.',
  'changed-meanwhile': 'Somebody else changed the record meanwhile: it is read again.',
  'not-counted': 'Dynamics does not count this item: its type is not Inventory.',
};

/** What an answer means. Total. Rows of a batch are judged one by one, by {@link classifyRow}. */
export function classify(response: HttpResponse, op: DynamicsOp): Failure | undefined {
  const { status } = response;
  if (status >= 300 && status < 400) return undefined;
  if (status < 300) return ofGoodStatus(response, op);
  if ((op === 'token' || op === 'inventoryToken') && status >= 400 && status < 500 && status !== 429 && status !== 408)
    return new Failure('auth', 'client-refused', sentence('client-refused', errorOf(response), status), { status });
  return judged(response, op);
}

/** One row of a `$batch` answer, by the same rules. */
export const classifyRow = (response: HttpResponse): Failure | undefined =>
  response.status >= 200 && response.status < 300 ? undefined : judged(response, 'writeStock');

function judged(response: HttpResponse, op: DynamicsOp): Failure {
  const { status } = response;
  const error = errorOf(response);
  const as = (kind: FailureClass, code: string): Failure => {
    const retryAfterMs = kind === 'throttled' || kind === 'transient' ? waitOf(response) : undefined;
    return new Failure(kind, code, sentence(code, error, status), {
      status,
      ...(error.code && { platformCode: error.code }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  };
  if (status === 429) return as('throttled', 'rate-limited');
  if (status >= 500 || status === 408) return as(broken(op), 'server-error');
  if (status === 401) return as('auth', 'token-refused');
  const known = BY_CODE[error.code];
  if (known && known[0] !== 'unknown-outcome') return as(known[0], known[1]);
  if (status === 403) return as('auth', 'forbidden');
  if (status === 404 || status === 410) return as('gone', 'not-found');
  if (status === 409 || status === 412) return as('conflict', 'changed-meanwhile');
  if (/\bType must be equal to\b/.test(error.message)) return as('rejected', 'not-counted');
  return as('rejected', 'refused');
}

/** A broken answer to a write leaves open whether it was done; to a read it means nothing. */
const broken = (op: DynamicsOp): FailureClass => (op === 'writeStock' ? 'unknown-outcome' : 'transient');

function ofGoodStatus(response: HttpResponse, op: DynamicsOp): Failure | undefined {
  const { status } = response;
  if (status === 204 || op === 'hookWrite') return undefined;
  // Dataverse answers a batch in parts.
  if (op === 'writeStock' && /^multipart\//i.test(response.headers['content-type'] ?? '')) return undefined;
  if (readAnswer(response) !== undefined) return undefined;
  return new Failure(broken(op), 'not-json', 'Dynamics answered with something else than JSON; a proxy, perhaps.', {
    status,
  });
}

interface Told {
  code: string;
  message: string;
}

/** `{"error":{"code","message"}}` of OData, with the innermost message; `{"error":"invalid_client","error_description"}` of Entra. */
function errorOf(response: HttpResponse): Told {
  const answer = record(readAnswer(response));
  const error = answer?.['error'];
  if (typeof error === 'string') return { code: error, message: text(answer?.['error_description']) };
  const told = record(error) ?? answer;
  let inner = record(told?.['innererror']);
  let message = text(told?.['message']);
  for (let depth = 0; inner && depth < 5; depth++) {
    message = text(inner['message']) || message;
    inner = record(inner['internalexception']);
  }
  return { code: text(told?.['code']), message };
}

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 500) : '');

function sentence(code: string, told: Told, status: number): string {
  const said = [told.code, told.message].filter(Boolean).join(', ');
  return `${SAYS[code] ?? `Dynamics refused (HTTP ${status}).`}${said && ` It says: ${said}`}`;
}

const WAIT_MS_MAX = 3_600_000;

/** Seconds, as both Dataverse and Business Central send them; a date by the answer's own clock. */
function waitOf({ headers }: HttpResponse): number | undefined {
  const after = headers['retry-after']?.trim();
  if (!after) return undefined;
  const waitMs = /^\d{1,9}$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.parse(headers['date'] ?? '');
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), WAIT_MS_MAX) : undefined;
}
