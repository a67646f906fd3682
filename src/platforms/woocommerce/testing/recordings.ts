import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Delivery } from '../../../platform/contract.ts';
import { sharedPath } from '../../../platform/testing/outside.ts';

const rowsOf = (file: string): Record<string, unknown>[] =>
  readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** What WooCommerce 11.0.1 sent. */
export function recordedHooks(): Delivery[] {
  return rowsOf('webhooks.ndjson').map((row) => ({
    method: String(row['method']),
    path: String(row['url']),
    headers: row['headers'] as Record<string, string>,
    body: Buffer.from(String(row['body'])),
    receivedAt: new Date(Number(row['at'])).toISOString(),
  }));
}

export interface Recorded {
  label: string;
  request: { method: string; path: string; body: unknown };
  response: { status: number; body: unknown };
}

/** Calls of its REST API and the answers. */
export function recordedCalls(): Recorded[] {
  return rowsOf('rest.ndjson').map((row) => {
    const recorded = row as unknown as Recorded;
    const { body } = recorded.response;
    return {
      ...recorded,
      response: { ...recorded.response, body: typeof body === 'string' ? JSON.parse(body) : body },
    };
  });
}

interface Route {
  endpoints: { methods: string[]; args: Record<string, unknown> }[];
}

/** The server's own index of routes and JSON schemas. */
export function recordedSchema():
  | { index: { routes: Record<string, Route> }; schemas: Record<string, unknown> }
  | undefined {
  const path = sharedPath('recordings/woocommerce-11.0.1-wc-v3-schema.json.gz');
  return path === undefined ? undefined : JSON.parse(gunzipSync(readFileSync(path)).toString('utf8'));
}
