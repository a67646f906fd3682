import type { FailureClass } from '../../platform/failure.ts';
import { Failure } from '../../platform/failure.ts';
import type { HttpResponse } from '../../platform/http.ts';
import { readAnswer, record } from './api.ts';
import type { GeckoOp } from './facts.ts';

const BY_STATUS: Record<number, [FailureClass, string, string]> = {
  401: ['auth', 'token-refused', 'The access token is not accepted. Put a new one into the settings.'],
  402: ['auth', 'account-lapsed', 'The account’s subscription has lapsed: nothing can be read or written.'],
  403: ['auth', 'forbidden', 'The token may not do this. Let an administrator of the account make it.'],
  404: ['gone', 'not-found', 'It does not exist there.'],
  409: ['conflict', 'conflict', 'Somebody else changed it, or the same call is still under way.'],
  410: ['gone', 'not-found', 'It does not exist there any more.'],
  429: ['throttled', 'rate-limited', 'More than 300 calls in five minutes: the same again after the wait it names.'],
};

/** What an answer means. Total: never throws. */
export function classify(response: HttpResponse, op: GeckoOp): Failure | undefined {
  const { status } = response;
  const answer = readAnswer(response);
  if (status >= 200 && status < 300) return ofGoodStatus(status, answer, op);
  if (status >= 300 && status < 400) return undefined;
  const told = saidIn(answer);
  if (status === 408 || status >= 500)
    return new Failure(broken(op), 'server-error', `The server broke down over this call (HTTP ${status}).${told}`, {
      status,
    });
  if (op === 'token' && status !== 429)
    return new Failure('auth', 'not-renewed', `The token was not renewed. Authorize the application again.${told}`, {
      status,
    });
  const [kind, code, sentence] = BY_STATUS[status] ?? ['rejected', 'refused', `It was refused (HTTP ${status}).`];
  const retryAfterMs = kind === 'throttled' ? waitOf(response) : undefined;
  return new Failure(kind, code, `${sentence}${told}`, { status, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

function ofGoodStatus(status: number, answer: unknown, op: GeckoOp): Failure | undefined {
  // Updates and deletions are answered with nothing.
  if (status === 204 || op === 'hookWrite') return undefined;
  const body = record(answer);
  if (!body) return new Failure(broken(op), 'not-json', 'The answer is not JSON; a proxy, perhaps.', { status });
  if (op === 'token' && (typeof body['access_token'] !== 'string' || body['access_token'] === ''))
    return new Failure('auth', 'no-token', 'The token call was answered without a token.', { status });
  if (body['errors'] === undefined || body['errors'] === null) return undefined;
  return new Failure('rejected', 'refused', `It was refused in a good answer.${saidIn(answer)}`, { status });
}

/** A broken answer to a write leaves open whether it was done; to a read it means nothing. */
const broken = (op: GeckoOp): FailureClass => (op === 'adjust' ? 'unknown-outcome' : 'transient');

/** `{"errors":{"name":["can't be blank"]}}`, `{"type":…,"message":…}` or OAuth's `error_description`. */
function saidIn(answer: unknown): string {
  const body = record(answer);
  const errors = record(body?.['errors']);
  const told = errors
    ? Object.entries(errors).map(
        ([field, texts]) => `${field} ${Array.isArray(texts) ? texts.map(text).join(', ') : text(texts)}`,
      )
    : [body?.['message'], body?.['error_description'], body?.['error']]
        .filter((one) => typeof one === 'string')
        .slice(0, 1);
  return told.length > 0 ? ` It says: ${told.join('; ').slice(0, 300)}` : '';
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const WAIT_MS_MAX = 3_600_000;

/** `X-Rate-Limit-Reset` is a moment in whole seconds, so the wait goes to its end; by the answer's own clock. */
function waitOf({ headers }: HttpResponse): number | undefined {
  const reset = headers['x-rate-limit-reset']?.trim() ?? '';
  const now = Date.parse(headers['date'] ?? '');
  if (!/^\d{1,12}$/.test(reset) || Number.isNaN(now)) return undefined;
  return Math.min(Math.max(0, (Number(reset) + 1) * 1000 - now), WAIT_MS_MAX);
}
