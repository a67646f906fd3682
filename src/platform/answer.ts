import type { ClientPlatform } from './client-options.ts';
import type { Operation } from './contract.ts';
import { Failure } from './failure.ts';
import { type HttpResponse, isTransportError } from './http.ts';
import type { Redaction } from './redaction.ts';

/** What an answer means: the platform's own word first, then what HTTP alone says. */
export function judge<Config extends { account: string }, Op extends string>(
  platform: ClientPlatform<Config, Op>,
  response: HttpResponse,
  op: Op,
  operation: Operation,
): Failure | undefined {
  const { status } = response;
  let failure: Failure | undefined;
  try {
    failure = platform.classify(response, op);
  } catch (cause) {
    // A connector that stumbles over an answer must not turn a write into a retry.
    const kind = operation.retry === 'never' ? 'unknown-outcome' : 'rejected';
    return new Failure(kind, 'unreadable-answer', `The answer (HTTP ${status}) could not be read.`, { status, cause });
  }
  if (failure || status < 300 || (status >= 400 && status < 500) || status === 304) return failure;
  if (status < 400)
    return new Failure(
      'rejected',
      'redirected',
      'The address answers with a redirect. Enter the address it leads to.',
      {
        status,
      },
    );
  // It may have been done; for a read the client knows better in the end.
  return new Failure('unknown-outcome', 'server-error', `The platform broke down over this call (HTTP ${status}).`, {
    status,
  });
}

/** What it means that no whole answer came. */
export function lostAnswer(error: unknown, clean: Redaction, aborted: boolean): Failure {
  const message = clean.text(error instanceof Error ? error.message : String(error));
  const cause = new Error(message);
  // Anything that is not a TransportError is a fault of ours, and proves nothing about what was sent.
  const sent = !isTransportError(error) || error.sent;
  if (aborted && !sent)
    return new Failure('transient', 'aborted', 'The call was given up before it was sent.', { cause });
  return sent
    ? new Failure('unknown-outcome', 'answer-lost', `No answer came back: ${message}`, { cause })
    : new Failure('transient', 'unreachable', `The platform could not be reached: ${message}`, { cause });
}
