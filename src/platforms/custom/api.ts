import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { type HttpRequest, jsonRequest } from '../../platform/http.ts';
import { signedHeaders } from '../../platform/standard-webhooks.ts';
import type { CustomConfig } from './config.ts';
import type { CustomOp } from './facts.ts';
import { answerOf } from './failures.ts';
import { told } from './message.ts';

/**
 * Signs what we ask and tell, as the other system signs what it sends: the body of a POST, nothing at all for a GET. A GET
 * changes nothing, so that a stolen signature lets one look for five minutes and no more.
 */
export function authorize(request: HttpRequest, config: CustomConfig, now: number): HttpRequest {
  const body = request.body ?? '';
  const id = createHash('sha256').update(`${now} ${request.method} ${request.url} `).update(body).digest('hex');
  return {
    ...request,
    headers: {
      ...request.headers,
      'x-onhand-account': config.account,
      ...signedHeaders(config.webhookSecret, `msg_${id.slice(0, 32)}`, now, body),
    },
  };
}

/**
 * Asks, and reads the answer.
 * @throws Failure as found by classify; `rejected` when the answer is not what the protocol says, naming what is wrong.
 */
export async function asked<Schema extends z.ZodType>(
  client: Client<CustomOp>,
  config: CustomConfig,
  op: CustomOp,
  path: string,
  schema: Schema,
  body?: unknown,
): Promise<z.output<Schema>> {
  const method = body === undefined ? 'GET' : 'POST';
  const response = await client.call(op, jsonRequest(method, `${config.baseUrl}${path}`, body));
  try {
    return told(schema, answerOf(response));
  } catch (error) {
    throw new Failure(
      // What was answered to a write may stand for anything.
      op === 'setLevels' ? 'unknown-outcome' : 'rejected',
      'answer-not-understood',
      `The answer of your system to ${method} ${path.split('?')[0]} is not what the protocol says: ${(error as Error).message}`,
      { status: response.status },
    );
  }
}

/** `?cursor=…`, nothing where there is none. */
export function query(members: Record<string, string | null>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) if (value !== null) search.set(name, value);
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
