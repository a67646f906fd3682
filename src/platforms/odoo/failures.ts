import { Failure, type FailureClass } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import type { OdooOp } from './facts.ts';
import { type Answer, readAnswer } from './wire.ts';

/** By the end of the exception's name, whatever the status: JSON-RPC and XML-RPC answer 200 to everything. */
const BY_NAME: [RegExp, FailureClass, string][] = [
  [/AccessDenied$|Unauthorized$|SessionExpired/, 'auth', 'key-refused'],
  [/AccessError$|Forbidden$/, 'auth', 'right-missing'],
  [/MissingError$/, 'gone', 'not-found'],
  [/TooManyRequests$/, 'throttled', 'rate-limited'],
  // The transaction was rolled back after five tries of the server's own.
  [/Serialization|Deadlock|LockNotAvailable|OperationalError|ConcurrencyError/, 'transient', 'database-busy'],
  [/NotFound$/, 'rejected', 'no-such-method'],
  [/UserError$|ValidationError$|RedirectWarning$/, 'rejected', 'refused'],
];

/** The page that JSON-2 answers, and the exception that the RPCs do: not busy, and no better after a wait. */
const NO_DATABASE = /No database is selected|database "[^"]*" does not exist/;

const SAYS: Record<string, string> = {
  'key-refused':
    'Odoo does not accept the API key. Make a new one (preferences of the user > Account Security) and put it into the settings.',
  'right-missing': 'The user for Onhand lacks a right. Give it the groups that the set-up guide names.',
  'rate-limited': 'Odoo is busy: the same again after a wait.',
  'database-busy': 'Two transactions were in each other’s way in Odoo: the same again after a wait.',
  'no-such-database':
    'There is no such database at this address. Compare the name with the settings (Settings with developer mode on shows it).',
  'no-such-method': 'Odoo does not know this model or method: an app is not installed, or the version is another one.',
};

/** What an answer means. Total. */
export function classify(response: HttpResponse, op: OdooOp): Failure | undefined {
  const { status } = response;
  if (status === 429) return failure('throttled', 'rate-limited', response);
  const answer = readAnswer(response);
  if (answer.kind === 'error' || answer.kind === 'fault') return ofAnswer(answer, response);
  if (status >= 200 && status < 300) return answer.kind === 'value' ? undefined : noAnswer(response, op);
  if (status >= 300 && status < 400) return undefined;
  if (status === 401 || status === 403) return failure('auth', 'key-refused', response);
  if (status === 404 && NO_DATABASE.test(bodyText(response))) return failure('rejected', 'no-such-database', response);
  if (status === 404 || status === 405) return failure('rejected', 'no-such-method', response);
  // A proxy's page: whether Odoo saw the request, nobody knows.
  if (status >= 500 || status === 408) return noAnswer(response, op);
  return failure('rejected', 'refused', response);
}

function noAnswer(response: HttpResponse, op: OdooOp): Failure {
  const kind = op === 'applyCount' || op === 'ruleWrite' ? 'unknown-outcome' : 'transient';
  return new Failure(kind, 'no-answer-of-odoo', `Something in front of Odoo answered (HTTP ${response.status}).`, {
    status: response.status,
    ...(kind === 'transient' && retryAfter(response)),
  });
}

function ofAnswer(answer: Extract<Answer, { kind: 'error' | 'fault' }>, response: HttpResponse): Failure {
  const { name, message } = answer.kind === 'error' ? answer : ofFault(answer.fault);
  if (/OperationalError$/.test(name) && NO_DATABASE.test(message))
    return failure('rejected', 'no-such-database', response);
  const known = BY_NAME.find(([pattern]) => pattern.test(name));
  // An exception rolls the whole transaction back: nothing was done, and the same would end the same way.
  const [, kind, code] = known ?? [undefined, 'rejected' as const, 'exception'];
  const broken = response.status >= 500 && kind === 'gone';
  return failure(broken ? 'rejected' : kind, code, response, name, message);
}

/** 1 an exception with its traceback · 2 a warning for people · 3 access denied · 4 a right is missing. */
function ofFault({ code, text }: { code: number; text: string }): { name: string; message: string } {
  if (code === 3) return { name: 'AccessDenied', message: text };
  if (code === 4) return { name: 'AccessError', message: text };
  if (code === 2)
    return { name: /does not exist|has been deleted/.test(text) ? 'MissingError' : 'UserError', message: text };
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  const [, name = 'exception', message = last] = /^([\w.]{1,100}): ([\s\S]*)$/.exec(last) ?? [];
  return { name, message };
}

function failure(kind: FailureClass, code: string, response: HttpResponse, name?: string, message?: string): Failure {
  // Only the first line: what follows is a traceback.
  const told = message?.trim().split('\n')[0]?.slice(0, 300);
  const say = SAYS[code] ?? `Odoo refused (HTTP ${response.status}).`;
  return new Failure(kind, code, told ? `${say} It says: ${told}` : say, {
    status: response.status,
    ...(name && { platformCode: name }),
    ...(kind === 'throttled' && retryAfter(response)),
  });
}

const WAIT_MS_MAX = 3_600_000;

function retryAfter({ headers }: HttpResponse): { retryAfterMs?: number } {
  const text = headers['retry-after']?.trim() ?? '';
  return /^\d{1,9}$/.test(text) ? { retryAfterMs: Math.min(Number(text) * 1_000, WAIT_MS_MAX) } : {};
}
