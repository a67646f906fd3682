import { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpResponse, jsonRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { type ShopifyConfig, shopUrl } from './config.ts';
import { API_VERSION, type ShopifyOp } from './facts.ts';

export type ShopifyClient = Client<ShopifyOp>;

/** The part of an answer that every connection has. */
export const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });

/**
 * The cursor of the page after this one, null at the end.
 * @throws Failure `odd-paging` when Shopify promises a page but not where, or the same one again: a loop without end.
 */
export function following(page: z.infer<typeof pageInfo>, before: string | null): string | null {
  if (!page.hasNextPage) return null;
  if (page.endCursor === null || page.endCursor === before)
    throw new Failure('transient', 'odd-paging', 'Shopify says there is another page, but not where it begins.');
  return page.endCursor;
}

/** `{ nodes, pageInfo }` of something. */
export const connection = <Schema extends z.ZodType>(node: Schema) => z.object({ nodes: z.array(node), pageInfo });

/** `null`, or an object that only names itself. */
export const maybeId = z.object({ id: z.string() }).nullable();

/**
 * Sends one GraphQL document and hands back its `data`, checked.
 * @throws Failure of the client, or `odd-answer` when the answer has another shape than Shopify's schema promises: for a
 *   write that is an unknown outcome, for a read nothing happened.
 */
export async function ask<Schema extends z.ZodType>(
  client: ShopifyClient,
  config: ShopifyConfig,
  op: Exclude<ShopifyOp, 'token'>,
  query: string,
  variables: Record<string, unknown>,
  shape: Schema,
): Promise<z.infer<Schema>> {
  return (await askDated(client, config, op, query, variables, shape)).data;
}

/**
 * As {@link ask}, with the moment the call was started on Shopify's clock: ours, put back where the answer's `Date` shows that
 * ours runs ahead. Never put forward: a moment too early reads a little twice, one too late would leave out orders.
 */
export async function askDated<Schema extends z.ZodType>(
  client: ShopifyClient,
  config: ShopifyConfig,
  op: Exclude<ShopifyOp, 'token'>,
  query: string,
  variables: Record<string, unknown>,
  shape: Schema,
): Promise<{ data: z.infer<Schema>; startedMs: number }> {
  const url = `${shopUrl(config)}/admin/api/${API_VERSION}/graphql.json`;
  const ours = client.now();
  const response = await client.call(op, jsonRequest('POST', url, { query, variables }));
  const dated = Date.parse(response.headers['date'] ?? '');
  const ahead = Number.isNaN(dated) ? 0 : Math.max(0, client.now() - dated);
  // The header has whole seconds and was written before the answer travelled: below two seconds it says nothing.
  const startedMs = ahead < 2_000 ? ours : ours - ahead;
  return { data: asPromised(op, shape.safeParse(record(readAnswer(response))?.['data'])), startedMs };
}

/** The parsed value, or a failure that says what was wrong with it. */
export function asPromised<Value>(op: ShopifyOp, parsed: z.ZodSafeParseResult<Value>): Value {
  if (parsed.success) return parsed.data;
  throw new Failure(
    op === 'setQuantities' ? 'unknown-outcome' : 'transient',
    'odd-answer',
    `Shopify answered ${op} in a shape that its schema does not have: ${z.prettifyError(parsed.error)}`,
  );
}

/** The body as JSON; undefined when it is none (a password page, a proxy's error page). Total. */
export function readAnswer(response: HttpResponse): unknown {
  try {
    return readJson(bodyText(response));
  } catch {
    return undefined;
  }
}

/** The value as an object with unknown members; undefined for everything else. */
export function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
