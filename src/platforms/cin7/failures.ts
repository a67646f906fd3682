import { Failure, type FailureClass } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { isWrite, readAnswer, record } from './api.ts';
import type { Cin7Op } from './facts.ts';

/** Core names no time: half of its minute. */
const BUSY_MS = 30_000;
const WAIT_MS_MAX = 3_600_000;

/** What an answer means, of either product. Total. */
export function classify(response: HttpResponse, op: Cin7Op): Failure | undefined {
  const { status } = response;
  const answer = readAnswer(response);
  if (status >= 200 && status < 300) {
    if (answer !== undefined || (status === 204 && op === 'hookWrite')) return undefined;
    // Some wrong paths of Core are answered by a page, with 200.
    return new Failure(
      broken(op),
      'not-json',
      'Cin7 answered with a page instead of JSON. Compare the address of its API.',
      {
        status,
      },
    );
  }
  const told = saidIn(answer === undefined ? plainText(response) : answer);
  const as = (kind: FailureClass, code: string, says: string, retryAfterMs?: number) =>
    new Failure(kind, code, told ? `${says} It says: ${told}` : says, {
      status,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  // The documented status of Core's limit is 503; today 429 comes too.
  if (status === 429 || (status === 503 && /calls per|api limit/i.test(bodyText(response).slice(0, 2_000))))
    return as(
      'throttled',
      'rate-limited',
      'Cin7 takes no more calls for now: the same again after a wait.',
      waitOf(response) ?? BUSY_MS,
    );
  if (status === 408 || status >= 500) return as(broken(op), 'server-error', `Cin7 failed (HTTP ${status}).`);
  if (status >= 300 && status < 400) return as('rejected', 'redirected', 'Cin7 sends us on to another address.');
  if (status === 401 || status === 403)
    return as(
      'auth',
      op === 'hooks' || op === 'hookWrite' ? 'no-automation' : 'key-refused',
      op === 'hooks' || op === 'hookWrite'
        ? 'Cin7 Core refuses webhooks: they need the Automation module, and the key must be allowed to.'
        : 'Cin7 does not accept the key for this. Compare account and key, and what the API connection may do.',
    );
  if (status === 404 || status === 410) return as('gone', 'not-found', 'Cin7 does not have it any more.');
  if (status === 409) return as('conflict', 'conflict', 'Somebody else changed it.');
  if (
    status === 400 &&
    /not found|does not exist/i.test(told) &&
    (op === 'sale' || op === 'product' || op === 'availabilityOf')
  )
    return as('gone', 'not-found', 'Cin7 does not have it any more.');
  return as('rejected', 'refused', `Cin7 refused it (HTTP ${status}).`);
}

/** A broken answer to a write leaves open whether it was done; to a read it means nothing. */
const broken = (op: Cin7Op): FailureClass => (isWrite(op) ? 'unknown-outcome' : 'transient');

/** Core: `[{ErrorCode, Exception}]`. Omni: `{message}` or texts. */
function saidIn(answer: unknown): string {
  const rows = Array.isArray(answer) ? answer : answer === undefined ? [] : [answer];
  return rows
    .map((row) => {
      const { Exception, message, Message, errors } = record(row) ?? {};
      const said = typeof row === 'string' ? row : (Exception ?? message ?? Message ?? errors);
      return typeof said === 'string' ? said : said === undefined ? '' : JSON.stringify(said);
    })
    .filter(Boolean)
    .join(', ')
    .slice(0, 300);
}

/** Some refusals are bare text; pages are not worth reading. */
function plainText(response: HttpResponse): string {
  const text = bodyText(response).slice(0, 300).trim();
  return text.startsWith('<') ? '' : text;
}

function waitOf({ headers }: HttpResponse): number | undefined {
  const after = headers['retry-after']?.trim() ?? '';
  const waitMs = /^\d{1,9}$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.parse(headers['date'] ?? '');
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), WAIT_MS_MAX) : undefined;
}
