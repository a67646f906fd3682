import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ZodError } from 'zod';
import { UserError } from '../engine/user-error.ts';
import { Failure, type FailureClass } from '../platform/failure.ts';
import { StoreError, type StoreErrorCode } from '../store/store-error.ts';

/** What every refusal of the API looks like: a stable code, a sentence, and what to do now. */
interface ErrorAnswer {
  status: number;
  body: { error: string; message: string; next: string };
}

const SEE_OPENAPI = 'See /v1/openapi.json for what is expected.';

/** Fastify's own refusals, by status. */
const REFUSED: Record<number, [code: string, next: string]> = {
  400: ['malformed', `Send valid JSON. ${SEE_OPENAPI}`],
  404: ['not-found', 'See /v1/openapi.json for the addresses there are.'],
  413: ['too-large', 'Send less at once: a body holds at most 1 MiB.'],
  415: ['wrong-type', 'Send JSON, with "content-type: application/json".'],
  429: ['too-many-requests', 'Wait as long as the header "retry-after" says, then ask again.'],
};

/** A platform said no while we asked it something for a person. */
const PLATFORM_NEXT: Record<FailureClass, string> = {
  throttled: 'The platform wants fewer calls just now: try again in a minute.',
  transient: 'Nothing was done there: try again in a minute.',
  'unknown-outcome': 'It may have been done or not: look there, or try again in a minute.',
  auth: 'Its credentials are no longer accepted: connect the channel again with "onhand channel add".',
  gone: 'It does not exist there any more.',
  conflict: 'Somebody else changed it at the same moment: try again.',
  rejected: 'Correct what it names, then try again.',
};

const STORE: Partial<Record<StoreErrorCode, [status: number, next: string]>> = {
  'store-value': [400, 'A text holds a character that cannot be stored, or a number is too large: correct it.'],
  'store-conflict': [503, 'Try again: somebody else was writing at the same moment.'],
  'store-unavailable': [503, 'Nothing was done. Check that the database runs, then try again.'],
  'store-unknown-outcome': [503, 'It may have been done: look before you try again.'],
  'store-full': [503, 'The database has no room left: make some, then try again.'],
};

/** Turns whatever was thrown into an answer; what is not foreseen says nothing of the inside. */
export function errorAnswer(error: unknown): ErrorAnswer {
  const answer = (status: number, code: string, message: string, next: string): ErrorAnswer => ({
    status,
    body: { error: code, message, next },
  });
  if (error instanceof UserError) return answer(error.status, error.code, error.message, error.next);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const said = error.validation.map((one) => `${fieldOf(one.instancePath)}: ${one.message}`);
    return answer(400, 'invalid-request', said.join('; '), SEE_OPENAPI);
  }
  if (error instanceof ZodError) {
    const said = error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
    return answer(400, 'invalid-request', said.join('; '), SEE_OPENAPI);
  }
  if (error instanceof Failure)
    return answer(502, error.code, `The platform refused: ${error.message}`, PLATFORM_NEXT[error.failure]);
  if (error instanceof StoreError) {
    const known = STORE[error.code];
    // The database's own words may quote a row: the code says enough.
    if (known) return answer(known[0], error.code, 'The store did not take this.', known[1]);
  }
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  if (status < 500) {
    const [code, next] = REFUSED[status] ?? ['request-refused', SEE_OPENAPI];
    return answer(status, code, (error as Error).message, next);
  }
  const next = 'Look at the log of "onhand serve"; nothing was half done.';
  return answer(500, 'internal', 'Something went wrong here.', next);
}

const fieldOf = (path: string) => path.slice(1).replaceAll('/', '.') || 'body';
