import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { facts, type PrestaOp } from './facts.ts';
import { documentOf, elementsOf } from './xml.ts';

/** What a firewall says without naming a time. */
const BUSY_MS = 5_000;

/** The host has used up what it grants the site; shared hosts answer so. */
const RESOURCE_LIMIT = 508;

/** A lost or broken answer to a call that is not repeated leaves open whether it was done. */
const broken = (op: PrestaOp): 'unknown-outcome' | 'transient' =>
  facts.operations[op]?.retry === 'never' ? 'unknown-outcome' : 'transient';

interface Said {
  code: string;
  message: string;
}

/**
 * What an answer means. The webservice refuses with `<errors><error><code><message>`, several at once, its own code after
 * those of PHP's warnings (3); a missing id is a 404 with an empty body. Total.
 */
export function classify(response: HttpResponse, op: PrestaOp): Failure | undefined {
  const { status } = response;
  const text = bodyText(response);
  const document = documentOf(text);
  const said = document && saidIn(document);
  if (status === 429 || status === RESOURCE_LIMIT || (status === 503 && !said && waitMs(response) !== undefined))
    return new Failure(
      'throttled',
      'rate-limited',
      `The shop's host is busy (${status}): the same again after the wait.`,
      {
        status,
        retryAfterMs: waitMs(response) ?? BUSY_MS,
      },
    );
  if (said) return ofCode(said, status, op);
  // Shown before anything is loaded: nothing was done.
  if (status === 503 && /maintenance/i.test(text.slice(0, 5_000)))
    return new Failure('transient', 'maintenance', 'The shop is in maintenance mode; it says so itself.', { status });
  if (status >= 500 || status === 408 || status === 425)
    return new Failure(broken(op), 'server-error', `The shop failed with ${status}.`, { status });
  if (status >= 200 && status < 300)
    return document
      ? undefined
      : new Failure(
          broken(op),
          'not-xml',
          'The shop answered with a page instead of its webservice. A maintenance page, a firewall or a cache stands in front of it: let /api/ through.',
          { status },
        );
  if (status >= 300 && status < 400)
    return new Failure(
      'rejected',
      'redirected',
      `The shop sends us on to ${response.headers['location']?.split('?')[0] ?? 'another address'}. Put its final address into the settings: a redirect turns a write into a read.`,
      { status },
    );
  if (status === 401)
    return new Failure(
      'auth',
      'bad-key',
      'The shop does not accept the key. Look under Advanced Parameters > Webservice.',
      {
        status,
      },
    );
  if (status === 403)
    return new Failure(
      'auth',
      'blocked',
      'Something in front of the shop refuses our calls. Allow /api/ for this machine.',
      {
        status,
      },
    );
  if (status === 404 && response.headers['psws-version'] !== undefined)
    return new Failure('gone', 'unknown-item', 'It does not exist in the shop (any more).', { status });
  // A page that does not exist says nothing of an order: the whole webservice may be hidden behind it.
  if (status === 404)
    return new Failure('transient', 'no-api', 'The shop answered 404 with a page: its webservice is not to be found.', {
      status,
    });
  return new Failure('rejected', 'refused', `The shop refused the request with ${status}.`, { status });
}

/** The last one: PHP's own warnings come first. */
function saidIn(document: Record<string, unknown>): Said | undefined {
  if (!('errors' in document)) return undefined;
  const errors = elementsOf(document, 'errors', 'error');
  const last = errors.findLast(({ code }) => code !== PHP_WARNING) ?? errors.at(-1);
  return { code: last?.['code'] ?? '', message: (last?.['message'] ?? '').slice(0, 300) };
}

const PHP_WARNING = '3';
const SERVICE_OFF = '22';
const COMPUTED = '133';
const UNKNOWN_ID = ['87', '92', '131'];
const NO_RIGHT = ['23', '25', '26', '101'];

function ofCode({ code, message }: Said, status: number, op: PrestaOp): Failure {
  const failed = (kind: Failure['failure'], name: string, say: string) =>
    new Failure(kind, name, say, { status, platformCode: code });
  if (code === COMPUTED)
    return failed(
      'rejected',
      'computed-stock',
      'The shop computes this number from its warehouses (advanced stock management); it cannot be written.',
    );
  if (code === SERVICE_OFF)
    return failed(
      'auth',
      'webservice-off',
      'The webservice is switched off. Advanced Parameters > Webservice > Enable.',
    );
  if (NO_RIGHT.includes(code) || status === 405)
    return failed(
      'auth',
      'no-right',
      `The key lacks a right: ${message} Tick it under Advanced Parameters > Webservice > the key.`,
    );
  if (status === 401) return failed('auth', 'bad-key', `The shop does not accept the key: ${message}`);
  if (status === 403) return failed('auth', 'wrong-shop', `The key may not use this shop: ${message}`);
  if (UNKNOWN_ID.includes(code) || status === 404)
    return failed('gone', 'unknown-item', message || 'It does not exist.');
  if (status >= 500) return failed(broken(op), 'server-error', `The shop failed with ${status}: ${message}`);
  if (status < 300) return failed(broken(op), 'error-in-answer', `The shop answered 200 with an error: ${message}`);
  return failed('rejected', 'refused', message || `The shop refused the request with ${status}.`);
}

function waitMs(response: HttpResponse): number | undefined {
  const text = response.headers['retry-after']?.trim();
  const seconds = text ? Number(text) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(Math.ceil(seconds * 1000), 86_400_000) : undefined;
}
