import { Failure } from '../../platform/failure.ts';
import type { HttpResponse } from '../../platform/http.ts';
import { jsonIn } from './api.ts';
import { type BigOp, facts } from './facts.ts';

/** A 429 that names no time is the platform's own overload: longer than a window. */
const OVERLOAD_MS = 30_000;
const WAIT_MS_MAX = 3_600_000;

/** A lost or broken answer to a call that is not repeated leaves open whether it was done. */
const broken = (op: BigOp): 'unknown-outcome' | 'transient' =>
  facts.operations[op]?.retry === 'never' ? 'unknown-outcome' : 'transient';

/** What an answer means. V3 refuses with `{status, title, errors}`, V2 with `[{status, message}]`. Total. */
export function classify(response: HttpResponse, op: BigOp): Failure | undefined {
  const { status } = response;
  const details = { status };
  if (status >= 200 && status < 300) return isGood(response, op) ? undefined : notJson(status, op);
  const said = titleOf(response);
  const say = (text: string) => (said ? `${text} (${said})` : text);
  if (status === 429)
    return new Failure(
      'throttled',
      'rate-limited',
      'The store’s quota of API calls is used up: the same after the wait.',
      {
        status,
        retryAfterMs: waitMs(response),
      },
    );
  // The probe sends an empty list: being told so is what it is for.
  if (op === 'probe' && (status === 400 || status === 422)) return undefined;
  if (status === 401)
    return new Failure(
      'auth',
      'bad-token',
      say(
        'BigCommerce does not accept the access token. Make a new API account (Settings > Store-level API accounts) and paste its access token.',
      ),
      details,
    );
  if (status === 403)
    return new Failure(
      'auth',
      'not-allowed',
      say(
        'The API account lacks a permission. It needs Orders (read-only), Products (read-only), Store Inventory (modify), Store Locations (read-only), Information & Settings (read-only).',
      ),
      details,
    );
  if (status === 404) return notFound(op, say, details);
  if (status === 409) return new Failure('conflict', 'conflict', say('Somebody else was faster.'), details);
  if (status === 413) return new Failure('rejected', 'batch-too-large', say('The request is too large.'), details);
  if (status === 423) return new Failure('transient', 'locked', say('The store works on it; later.'), details);
  if (status === 507)
    return new Failure('rejected', 'plan-limit', say('The plan of the store does not allow more.'), details);
  if (status >= 500) return new Failure(broken(op), 'server-error', say(`BigCommerce failed with ${status}.`), details);
  if (status === 408) return new Failure(broken(op), 'server-error', say('BigCommerce gave up waiting.'), details);
  if (status === 422)
    return new Failure('rejected', 'refused-item', say('BigCommerce refused an item.'), {
      ...details,
      platformCode: said,
    });
  return new Failure('rejected', 'refused', say(`BigCommerce refused the request with ${status}.`), details);
}

function notFound(op: BigOp, say: (text: string) => string, details: { status: number }): Failure {
  if (op === 'order') return new Failure('gone', 'unknown-order', say('There is no such order.'), details);
  if (op === 'hookDelete' || op === 'hookUpdate')
    return new Failure('gone', 'unknown-hook', say('There is no such webhook.'), details);
  return new Failure(
    'rejected',
    'not-found',
    say('BigCommerce knows no such store or path. Compare the store hash with the API path of the API account.'),
    details,
  );
}

const notJson = (status: number, op: BigOp): Failure =>
  new Failure(
    broken(op),
    'not-json',
    'BigCommerce answered without the JSON that belongs there: something between here and there answers in its place.',
    { status },
  );

/** An empty V2 list is 204 without a body; the answer to a probe and to a deletion is not looked at. */
function isGood(response: HttpResponse, op: BigOp): boolean {
  if (op === 'hookDelete' || op === 'probe') return true;
  if (op === 'orderFeed' && response.status === 204) return true;
  const body = jsonIn(response);
  if (op === 'orderFeed') return Array.isArray(body);
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}

/** The longer of the two waits that an answer may name. */
function waitMs({ headers }: HttpResponse): number {
  const number = (name: string, factor: number) => {
    const text = headers[name]?.trim();
    const value = text ? Number(text) : Number.NaN;
    return Number.isFinite(value) && value >= 0 ? value * factor : undefined;
  };
  const waits = [number('x-rate-limit-time-reset-ms', 1), number('x-retry-after', 1000)].filter(
    (wait) => wait !== undefined,
  );
  return waits.length === 0 ? OVERLOAD_MS : Math.min(WAIT_MS_MAX, Math.max(1, Math.ceil(Math.max(...waits))));
}

function titleOf(response: HttpResponse): string | undefined {
  const body = jsonIn(response);
  const first = Array.isArray(body) ? body[0] : body;
  if (typeof first !== 'object' || first === null) return undefined;
  const { title, message } = first as Record<string, unknown>;
  const text = typeof title === 'string' ? title : typeof message === 'string' ? message : undefined;
  return text?.trim().replace(/\.$/, '').slice(0, 300) || undefined;
}
