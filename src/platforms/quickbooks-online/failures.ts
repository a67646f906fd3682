import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import type { HttpResponse } from '../../platform/http.ts';
import { jsonIn } from './api.ts';
import type { QboOp } from './facts.ts';

/** Intuit names no time: "wait for 60 seconds". */
const BUSY_MS = 60_000;
const WAIT_MS_MAX = 3_600_000;

const error = z.object({
  Message: z.string().nullish(),
  message: z.string().nullish(),
  Detail: z.string().nullish(),
  detail: z.string().nullish(),
  code: z.union([z.string(), z.number()]).nullish(),
});
/** The API prints `Fault`, the gateway before it `fault`. */
const faulty = z.object({
  Fault: z.object({ Error: z.array(error), type: z.string().nullish() }).optional(),
  fault: z.object({ error: z.array(error), type: z.string().nullish() }).optional(),
});

interface Fault {
  /** Without leading zeros: 003001 and 3001 are one. */
  code: string;
  type: string;
  said: string;
}

function faultOf(response: HttpResponse): Fault | undefined {
  const body = faulty.safeParse(jsonIn(response)).data;
  const fault = body?.Fault ?? body?.fault;
  if (!fault) return undefined;
  const [first] = 'Error' in fault ? fault.Error : fault.error;
  const words = [first?.Message ?? first?.message, first?.Detail ?? first?.detail].filter(Boolean);
  return {
    code: String(first?.code ?? '').replace(/^0+(?=\d)/, ''),
    type: (fault.type ?? '').toLowerCase(),
    said: [...new Set(words)].join(': ').replace(/\.$/, '').slice(0, 300),
  };
}

/** What an answer means; 200 with a fault inside is a fault. Total. */
export function classify(response: HttpResponse, op: QboOp): Failure | undefined {
  const { status } = response;
  const fault = faultOf(response);
  if (op === 'token' && status >= 400 && status < 500 && status !== 429) return tokenRefused(response);
  if (status === 429 || fault?.code === '3001' || /throttle/i.test(fault?.said ?? ''))
    return new Failure(
      'throttled',
      'rate-limited',
      'QuickBooks takes no more calls for now: the same after the wait.',
      {
        status,
        retryAfterMs: retryAfter(response) ?? BUSY_MS,
      },
    );
  if (status >= 500)
    return new Failure(
      broken(op),
      'server-error',
      `QuickBooks failed with ${status}.${fault ? ` (${fault.said})` : ''}`,
      {
        status,
      },
    );
  if (status === 401 || status === 403 || /^auth/.test(fault?.type ?? '')) return denied(status, fault);
  if (fault) return ofFault(fault, status, op);
  if (status >= 200 && status < 300) {
    const body = jsonIn(response);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return undefined;
    const say = 'QuickBooks answered without the JSON that belongs there: something in between answers in its place.';
    return new Failure(broken(op), 'not-json', say, { status });
  }
  if (status === 404 && op === 'sale')
    return new Failure('gone', 'unknown-sale', 'There is no such document.', { status });
  return new Failure('rejected', 'refused', `QuickBooks refused the request with ${status}.`, { status });
}

/** A requestid makes repeating safe, and yet a write that was broken off may have been done. */
const broken = (op: QboOp): 'unknown-outcome' | 'transient' => (op === 'adjust' ? 'unknown-outcome' : 'transient');

function ofFault({ code, said }: Fault, status: number, op: QboOp): Failure {
  const details = { status, platformCode: code };
  const say = (text: string) => (said ? `${text} (${said})` : text);
  if (code === '5010') return new Failure('conflict', 'stale', say('Somebody else changed it meanwhile.'), details);
  if (code === '610' && op === 'sale')
    return new Failure('gone', 'unknown-sale', say('There is no such document.'), details);
  if (op === 'adjust' && (code === '610' || code === '2500'))
    return new Failure('gone', 'unknown-item', say('QuickBooks has no such item, or it is inactive.'), details);
  if (code === '6210')
    return new Failure(
      'rejected',
      'closed-books',
      say('The books are closed for today: Settings > Advanced > Accounting.'),
      details,
    );
  if (code === '5020' || code === '6190')
    return new Failure(
      'rejected',
      'not-in-plan',
      say(
        'This company’s plan does not let an app do that. Quantity adjustments need QuickBooks Online Plus or Advanced in the US.',
      ),
      details,
    );
  if (op === 'adjust')
    return new Failure('rejected', 'refused-line', say('QuickBooks refused an adjustment.'), details);
  return new Failure(
    'rejected',
    'refused',
    say(`QuickBooks refused the request${code ? `, code ${code}` : ''}.`),
    details,
  );
}

function denied(status: number, fault: Fault | undefined): Failure {
  const details = { status, platformCode: fault?.code };
  if (status === 403 || fault?.type.startsWith('authorization'))
    return new Failure(
      'auth',
      'not-allowed',
      'The app may not work on this company: it was disconnected, the subscription ended, or the scope com.intuit.quickbooks.accounting is missing. Connect it again in the OAuth Playground and paste the new refresh token.',
      details,
    );
  return new Failure(
    'auth',
    'bad-token',
    'QuickBooks does not accept the access token. If renewing does not help, connect the company again in the OAuth Playground and paste the new refresh token.',
    details,
  );
}

/** `{"error": "invalid_grant"}`: revoked, too old, or replaced by a newer one. */
function tokenRefused(response: HttpResponse): Failure {
  const told = z.object({ error: z.string() }).safeParse(jsonIn(response)).data?.error;
  const client = told === 'invalid_client';
  return new Failure(
    'auth',
    client ? 'bad-client' : 'bad-refresh-token',
    client
      ? 'Intuit does not accept client ID and client secret. Compare them with Keys and credentials of the app (Production and Development have different ones).'
      : 'Intuit does not accept the refresh token: it was replaced, revoked, or lay unused for 100 days. Connect the company again in the OAuth Playground and paste the new one.',
    { status: response.status, platformCode: told },
  );
}

function retryAfter(response: HttpResponse): number | undefined {
  const text = response.headers['retry-after']?.trim();
  const seconds = text ? Number(text) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(WAIT_MS_MAX, Math.ceil(seconds * 1000)) : undefined;
}
