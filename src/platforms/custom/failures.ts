import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import type { CustomOp } from './facts.ts';

/** A 429 without a time. */
const BUSY_MS = 2_000;
const WAIT_MAX_S = 3_600;

/** A broken answer to a write leaves open whether it was done; to a question it means nothing was. */
const broken = (op: CustomOp): 'unknown-outcome' | 'transient' =>
  op === 'setLevels' ? 'unknown-outcome' : 'transient';

/** What an answer of the other system means. Total. */
export function classify(response: HttpResponse, op: CustomOp): Failure | undefined {
  const { status } = response;
  if (status >= 200 && status < 300)
    return answerOf(response)
      ? undefined
      : new Failure(broken(op), 'not-json', 'Your system answered with something else than a JSON object.', { status });
  if (status < 400) return undefined;
  const retryAfterMs = retryAfter(response);
  const said = saidBy(response);
  if (status === 429 || (status === 503 && retryAfterMs !== undefined))
    return new Failure('throttled', 'rate-limited', `Your system is busy (${status}): the same again after the wait.`, {
      status,
      retryAfterMs: retryAfterMs ?? BUSY_MS,
    });
  if (status >= 500)
    return new Failure(broken(op), 'server-error', `Your system failed with ${status}. ${said}`.trim(), { status });
  if (status === 401 || status === 403)
    return new Failure(
      'auth',
      'signature-refused',
      `Your system refuses our signature (${status}). Both sides need the same whsec_… secret, and clocks within five minutes. ${said}`.trim(),
      { status },
    );
  if (status === 404 && op === 'order')
    return new Failure('gone', 'no-such-order', 'Your system knows no such order.', { status });
  if (status === 404)
    return new Failure(
      'rejected',
      'no-endpoint',
      `Your system has no address for this question (404). ${said}`.trim(),
      {
        status,
      },
    );
  return new Failure('rejected', 'refused', `Your system refused the request with ${status}. ${said}`.trim(), {
    status,
  });
}

/** The answer as an object; undefined when it is none. */
export function answerOf(response: HttpResponse): Record<string, unknown> | undefined {
  try {
    const body = readJson(bodyText(response));
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function saidBy(response: HttpResponse): string {
  const error = answerOf(response)?.['error'];
  return typeof error === 'string' ? `It says: ${error.slice(0, 300)}` : '';
}

/** Seconds, as we ask for; dates are not understood. */
function retryAfter({ headers }: HttpResponse): number | undefined {
  const text = headers['retry-after']?.trim();
  return text && /^\d{1,9}$/.test(text) ? Math.min(Number(text), WAIT_MAX_S) * 1000 : undefined;
}
