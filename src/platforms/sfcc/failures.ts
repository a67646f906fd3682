import { Failure, type FailureClass } from '../../platform/failure.ts';
import type { HttpResponse } from '../../platform/http.ts';
import { readAnswer, record } from './api.ts';
import type { SfccOp } from './facts.ts';

const SAYS: Partial<Record<string, string>> = {
  'client-refused': 'Account Manager refuses the API client. Check its ID and password, and that it is not locked.',
  'token-refused': 'Salesforce does not accept the token. Check the API client and the instance it belongs to.',
  forbidden:
    'The API client may not do this. Add the scope in Account Manager, or the resource in Business Manager > Open Commerce API Settings.',
  'rate-limited': 'Salesforce is busy: the same again after a wait.',
  'not-found': 'Salesforce has no such thing.',
};

/** What an answer means. Total. */
export function classify(response: HttpResponse, op: SfccOp): Failure | undefined {
  const { status } = response;
  if (status >= 300 && status < 400) return undefined;
  if (status < 300) return ofGoodStatus(response, op);
  const told = errorOf(response);
  const as = (kind: FailureClass, code: string): Failure => {
    const retryAfterMs = kind === 'throttled' || kind === 'transient' ? waitOf(response) : undefined;
    return new Failure(kind, code, sentence(code, told, status), {
      status,
      ...(told.code && { platformCode: told.code }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  };
  if (status === 429) return as('throttled', 'rate-limited');
  // Admin APIs shed load before they begin to work: nothing was done.
  if (status === 503 && isShedding(response)) return as('throttled', 'rate-limited');
  if (status >= 500 || status === 408) return as(broken(op), 'server-error');
  if (op === 'token') return as('auth', 'client-refused');
  if (status === 401) return as('auth', 'token-refused');
  if (/ResetDate|reset_date/i.test(`${told.code} ${told.message}`)) return as('conflict', 'older-than-last');
  if (status === 403) return as('auth', 'forbidden');
  if (status === 404 || status === 410) return as('gone', 'not-found');
  if (status === 409) return as('conflict', 'conflict');
  return as('rejected', 'refused');
}

const isShedding = ({ headers }: HttpResponse): boolean => headers['sfdc_load_status'] === 'THROTTLE';

const broken = (op: SfccOp): FailureClass =>
  op === 'writeRecord' || op === 'writeAvailability' ? 'unknown-outcome' : 'transient';

function ofGoodStatus(response: HttpResponse, op: SfccOp): Failure | undefined {
  const { status } = response;
  if (status === 204) return undefined;
  const answer = record(readAnswer(response));
  if (!answer)
    return new Failure(broken(op), 'not-json', 'Salesforce answered with something else than JSON; a proxy, perhaps.', {
      status,
    });
  // OCAPI tells a fault in a good answer where a page of the instance stood in between.
  const fault = record(answer['fault']);
  if (!fault) return undefined;
  const told = errorOf(response);
  return new Failure('rejected', 'refused', sentence('refused', told, status), { status, platformCode: told.code });
}

interface Told {
  code: string;
  message: string;
}

/** OCAPI: `{fault:{type,message}}` · SCAPI: `{title,type,detail}` · Account Manager: `{error,error_description}`. */
function errorOf(response: HttpResponse): Told {
  const answer = record(readAnswer(response));
  const fault = record(answer?.['fault']);
  if (fault) return { code: text(fault['type']), message: text(fault['message']) };
  if (typeof answer?.['error'] === 'string')
    return { code: answer['error'], message: text(answer['error_description']) };
  return { code: text(answer?.['type']).replace(/^.*\//, ''), message: text(answer?.['detail'] ?? answer?.['title']) };
}

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 500) : '');

function sentence(code: string, told: Told, status: number): string {
  const said = [told.code, told.message].filter(Boolean).join(', ');
  return `${SAYS[code] ?? `Salesforce refused (HTTP ${status}).`}${said && ` It says: ${said}`}`;
}

const WAIT_MS_MAX = 3_600_000;

function waitOf({ headers }: HttpResponse): number | undefined {
  const after = headers['retry-after']?.trim();
  if (!after) return undefined;
  const waitMs = /^\d{1,9}$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.parse(headers['date'] ?? '');
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), WAIT_MS_MAX) : undefined;
}
