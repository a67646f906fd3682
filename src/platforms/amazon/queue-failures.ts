import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { isRecord, text } from './shape.ts';

const THROTTLED = /Throttl|OverLimit|TooManyRequests|RequestLimitExceeded/i;
const GONE = /QueueDoesNotExist|NonExistentQueue/i;
const DENIED =
  /AccessDenied|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken|InvalidSignature|InvalidSecurity|RequestExpired|OptInRequired|Kms/i;

/**
 * What SQS answered (JSON protocol: 400 or 403 with `__type`, and `x-amzn-query-error: code;Sender`).
 * Never `auth`: a wrong AWS key must not stop an account whose orders can still be polled and whose stock can be written.
 */
export function classifyQueue(response: HttpResponse): Failure | undefined {
  const { status } = response;
  const body = parse(response);
  if (status >= 200 && status < 300)
    return isRecord(body) || response.body.length === 0
      ? undefined
      : new Failure('transient', 'queue-not-json', 'SQS answered with something that is not JSON.', { status });
  const fields = isRecord(body) ? body : {};
  const platformCode =
    response.headers['x-amzn-query-error']?.split(';')[0] ?? text(fields['__type'])?.split('#').at(-1) ?? undefined;
  const name = `${platformCode ?? ''} ${text(fields['__type']) ?? ''}`;
  const said = text(fields['message']) ?? text(fields['Message']) ?? platformCode ?? `HTTP ${status}`;
  const details = { status, platformCode };
  if (status === 429 || THROTTLED.test(name))
    return new Failure('throttled', 'queue-throttled', `SQS asks us to slow down: ${said}`, details);
  if (status >= 500) return new Failure('transient', 'queue-unavailable', `SQS does not answer: ${said}`, details);
  if (GONE.test(name))
    return new Failure(
      'rejected',
      'queue-missing',
      `The queue does not exist: ${said} Check the queue URL; orders are polled meanwhile.`,
      details,
    );
  if (status === 401 || status === 403 || DENIED.test(name))
    return new Failure(
      'rejected',
      'queue-denied',
      `AWS refuses the queue's key: ${said} The IAM user needs sqs:ReceiveMessage and sqs:DeleteMessage on this queue; orders are polled meanwhile.`,
      details,
    );
  return new Failure('rejected', 'queue-refused', `SQS refused it: ${said}`, details);
}

function parse(response: HttpResponse): unknown {
  try {
    // Receipt handles and bodies are texts; nothing here is a number that could lose digits.
    return JSON.parse(bodyText(response));
  } catch {
    return undefined;
  }
}
