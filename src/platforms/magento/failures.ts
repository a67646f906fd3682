import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { facts, type MagentoOp } from './facts.ts';
import { jsonIn } from './shape.ts';

/** What a firewall says without naming a time. */
const BUSY_MS = 5_000;

/** A lost or broken answer to a call that is not repeated leaves open whether it was done. */
const broken = (op: MagentoOp): 'unknown-outcome' | 'transient' =>
  facts.operations[op]?.retry === 'never' ? 'unknown-outcome' : 'transient';

/**
 * What an answer means. Magento refuses with `{message, parameters?, errors?, trace?}`, its placeholders not filled in; what
 * stands in front of it (host, firewall, cache, a maintenance page) answers in HTML with any status, 200 included. Total.
 */
export function classify(response: HttpResponse, op: MagentoOp): Failure | undefined {
  const { status } = response;
  const body = jsonIn(bodyText(response));
  const said = messageOf(body);
  if (status === 429 || (status === 503 && said === undefined && retryAfter(response) !== undefined))
    return new Failure(
      'throttled',
      'rate-limited',
      `The shop's host is busy (${status}): the same again after the wait.`,
      {
        status,
        retryAfterMs: retryAfter(response) ?? BUSY_MS,
      },
    );
  // Magento shows this before it has loaded anything: nothing was done.
  if (status === 503 && /maintenance/i.test(bodyText(response).slice(0, 5_000)))
    return new Failure('transient', 'maintenance', 'The shop is in maintenance mode; it says so itself.', { status });
  if (status >= 500 || status === 408 || status === 425)
    return new Failure(broken(op), 'server-error', `The shop failed with ${status}. ${said ?? ''}`.trim(), { status });
  if (status >= 200 && status < 300) {
    if (body !== undefined && said === undefined) return undefined;
    return new Failure(
      broken(op),
      'not-json',
      'The shop answered with something else than its API does. A maintenance page, a firewall or a cache stands in front of it: let /rest/ through.',
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
  return refusal(status, said, op);
}

function refusal(status: number, said: string | undefined, op: MagentoOp): Failure {
  const failed = (kind: Failure['failure'], code: string, message: string) =>
    new Failure(kind, code, message, { status, ...(said !== undefined && { platformCode: said.slice(0, 120) }) });
  if (status === 401)
    return failed(
      'auth',
      'unauthorized',
      `The shop refuses our access${said ? `: ${said.replace(/\.+$/, '')}` : ''}. Compare the four texts under System > Integrations with the settings, and the resources the integration may use.`,
    );
  if (status === 403)
    return failed(
      'auth',
      'blocked',
      'Something in front of the shop refuses our calls (a firewall or a password on the site). Allow /rest/ for this machine.',
    );
  if (status === 404 && said !== undefined && /does not match any route/i.test(said))
    return failed('rejected', 'no-route', 'The shop does not have this part of the API: its modules were removed.');
  // A page that does not exist says nothing of an order: the whole API may be hidden behind it.
  if (status === 404 && said === undefined)
    return failed(
      'transient',
      'no-api',
      'The shop answered 404 with a page: its API is not to be found at the moment.',
    );
  if (status === 404)
    return failed('gone', op === 'order' ? 'unknown-order' : 'unknown-item', said ?? 'It does not exist in the shop.');
  if (status === 413) return failed('rejected', 'batch-refused', 'The web server takes smaller requests only.');
  if (status === 400 && op === 'writeSources')
    return failed('rejected', 'batch-refused', said ?? 'The shop refused it.');
  return failed('rejected', 'refused', said ?? `The shop refused the request with ${status}.`);
}

/** The message with its placeholders filled in; undefined where the body is no error of Magento's. */
function messageOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { message, parameters } = body as Record<string, unknown>;
  if (typeof message !== 'string') return undefined;
  const values = new Map<string, string>();
  if (typeof parameters === 'object' && parameters !== null)
    for (const [name, value] of Object.entries(parameters))
      if (typeof value === 'string' || typeof value === 'number')
        values.set(Array.isArray(parameters) ? String(Number(name) + 1) : name, String(value));
  return message.slice(0, 500).replace(/%(\w+)/g, (whole, name: string) => values.get(name) ?? whole);
}

function retryAfter(response: HttpResponse): number | undefined {
  const text = response.headers['retry-after']?.trim();
  const seconds = text ? Number(text) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(Math.ceil(seconds * 1000), 86_400_000) : undefined;
}
