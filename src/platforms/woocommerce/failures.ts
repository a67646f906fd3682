import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { facts, type WooOp } from './facts.ts';
import { jsonIn } from './shape.ts';

/** What a firewall says without naming a time. */
const BUSY_MS = 5_000;

/** A lost or broken answer to a call that is not repeated leaves open whether it was done. */
const broken = (op: WooOp): 'unknown-outcome' | 'transient' =>
  facts.operations[op]?.retry === 'never' ? 'unknown-outcome' : 'transient';

/**
 * What an answer means. WooCommerce answers refusals as `{code, message, data: {status}}`; what stands in front of it (host,
 * firewall, cache, a maintenance page) answers in HTML with any status, 200 included. Total.
 */
export function classify(response: HttpResponse, op: WooOp): Failure | undefined {
  const { status } = response;
  const body = jsonIn(bodyText(response));
  const error = errorOf(body);
  if (status === 429 || (status === 503 && !error && retryAfter(response) !== undefined && !isUpdating(response)))
    return throttled(response);
  // WordPress shows this page before it has loaded anything: nothing was done.
  if (status === 503 && isUpdating(response))
    return new Failure('transient', 'maintenance', 'The shop is being updated; it says so itself.', { status });
  if (status >= 500)
    return new Failure(broken(op), 'server-error', `The shop failed with ${status}. ${error?.message ?? ''}`.trim(), {
      status,
      retryAfterMs: retryAfter(response),
      platformCode: error?.code,
    });
  if (error) return ofCode(error, status, op);
  if (status >= 200 && status < 300) {
    if (isJson(body, op)) return undefined;
    return new Failure(
      broken(op),
      'not-json',
      'The shop answered with a page instead of JSON. A maintenance page, a firewall or a cache stands in front of its API: let /wp-json/wc/ through.',
      { status },
    );
  }
  if (status >= 300 && status < 400)
    return new Failure(
      'rejected',
      'redirected',
      `The shop sends us on to ${response.headers['location']?.split('?')[0] ?? 'another address'}. Put its final address into the settings: a redirect turns a write into a read.`,
      { status },
    );
  return ofPage(status, op);
}

const isUpdating = (response: HttpResponse): boolean =>
  /scheduled maintenance/i.test(bodyText(response).slice(0, 5_000));

function throttled(response: HttpResponse): Failure {
  const { status } = response;
  return new Failure(
    'throttled',
    'rate-limited',
    `The shop's host is busy (${status}): the same again after the wait.`,
    {
      status,
      retryAfterMs: retryAfter(response) ?? BUSY_MS,
    },
  );
}

export interface WooError {
  code: string;
  message: string;
  status: number | undefined;
}

/** `{code, message, data: {status}}`, alone or in a row of a batch's answer. */
export function errorOf(body: unknown): WooError | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { code, message, data } = body as Record<string, unknown>;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  const status = typeof data === 'object' && data !== null ? (data as Record<string, unknown>)['status'] : undefined;
  return { code, message: message.slice(0, 300), status: typeof status === 'number' ? status : undefined };
}

/** What one refusal means, of a whole call or of one row. */
export function ofCode({ code, message, status: told }: WooError, httpStatus: number, op: WooOp): Failure {
  const status = told ?? httpStatus;
  const details = { status, platformCode: code };
  const say = (text: string) => `${text} (${message.replace(/\.$/, '')})`;
  if (code === 'rest_no_route')
    return new Failure(
      'rejected',
      'no-route',
      say('The shop has no such API route: is WooCommerce active and not too old?'),
      details,
    );
  if (/invalid_id$|_term_invalid$|not_found$/.test(code) || status === 404)
    return new Failure(
      'gone',
      op === 'order' || op === 'refunds' ? 'unknown-order' : 'unknown-item',
      say('The shop does not have it any more.'),
      details,
    );
  if (code === 'woocommerce_rest_request_entity_too_large' || status === 413)
    return new Failure(
      'rejected',
      'batch-too-large',
      say('The shop takes fewer items per batch than WooCommerce usually does.'),
      details,
    );
  if (status === 401 || status === 403 || /authentication_error|cannot_(view|edit|create|delete|batch)/.test(code))
    return new Failure(
      'auth',
      status === 403 ? 'not-allowed' : 'bad-key',
      say(
        'The shop does not accept the key for this. Make a new one with permission Read/Write under WooCommerce > Settings > Advanced > REST API.',
      ),
      details,
    );
  if (status === 409) return new Failure('conflict', 'conflict', say('Somebody else was faster.'), details);
  if (status >= 500) return new Failure(broken(op), 'server-error', say('The shop failed.'), details);
  return new Failure('rejected', 'refused', say(`WooCommerce refused it: ${code}.`), details);
}

function ofPage(status: number, op: WooOp): Failure {
  if (status === 401 || status === 403)
    return new Failure(
      'auth',
      'blocked',
      'Something in front of the shop refuses our calls (a firewall, a security plugin or a password on the site). Allow /wp-json/wc/ for the API key.',
      { status },
    );
  if (status === 404 && op === 'settings')
    return new Failure(
      'rejected',
      'no-api',
      'There is no WordPress API at this address. Check it, and set permalinks to anything but Plain (or choose Plain in the settings here).',
      { status },
    );
  // A page that does not exist says nothing of a product: the whole API may be hidden behind it.
  if (status === 404)
    return new Failure(
      'transient',
      'no-api',
      'The shop answered 404 with a page: its API is not to be found at the moment.',
      { status },
    );
  if (status === 413)
    return new Failure('rejected', 'batch-too-large', 'The web server takes smaller requests only.', { status });
  if (status === 408 || status === 425)
    return new Failure(broken(op), 'server-error', `The shop gave up (${status}).`, { status });
  return new Failure('rejected', 'refused', `The shop refused the request with ${status}.`, { status });
}

/** Lists are lists; everything else is an object, but for an empty batch, which PHP prints as an empty list. */
function isJson(body: unknown, op: WooOp): boolean {
  if (op === 'probe') return typeof body === 'object' && body !== null;
  const list = ['products', 'variations', 'productsById', 'variationsById', 'orderFeed', 'refunds', 'hooks'];
  return list.includes(op) ? Array.isArray(body) : typeof body === 'object' && body !== null && !Array.isArray(body);
}

function retryAfter(response: HttpResponse): number | undefined {
  const text = response.headers['retry-after']?.trim();
  const seconds = text ? Number(text) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(Math.ceil(seconds * 1000), 86_400_000) : undefined;
}
