import { bodyText, type HttpResponse } from '../../../platform/http.ts';
import type { Bench } from './bench.ts';

interface Answer {
  data?: unknown;
  errors?: { message: string; extensions: { code: string } }[];
  extensions: {
    cost: {
      requestedQueryCost: number;
      actualQueryCost: number | null;
      throttleStatus: { maximumAvailable: number; currentlyAvailable: number; restoreRate: number };
    };
  };
}

/** One raw GraphQL request, past the connector. */
export async function send(
  bench: Bench,
  body: unknown,
  token = bench.sandbox.access.fixedToken,
): Promise<HttpResponse> {
  return bench.sandbox.handle({
    method: 'POST',
    url: 'https://mugs.myshopify.com/admin/api/2026-10/graphql.json',
    headers: { 'content-type': 'application/json', 'x-shopify-access-token': token },
    body: JSON.stringify(body),
  });
}

export const ask = async (
  bench: Bench,
  query: string,
  variables: object = {},
  operationName?: string,
): Promise<Answer> => JSON.parse(bodyText(await send(bench, { query, variables, operationName })));

export const codeOf = (answer: Answer): string | undefined => answer.errors?.[0]?.extensions.code;
