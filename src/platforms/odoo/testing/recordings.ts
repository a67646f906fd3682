import { readFileSync } from 'node:fs';
import type { HttpRequest, HttpResponse } from '../../../platform/http.ts';

export interface Recorded {
  label: string;
  request: { method: HttpRequest['method']; path: string; body: unknown };
  response: HttpResponse;
}

/** Calls of a real Odoo 19.0 and its answers. */
export function recordedCalls(file: 'json2' | 'rpc'): Recorded[] {
  return readFileSync(new URL(`../fixtures/${file}.ndjson`, import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const { label, request, response } = JSON.parse(line);
      const headers = Object.fromEntries(
        (response.headers as [string, string][]).map(([name, value]) => [name.toLowerCase(), value]),
      );
      return { label, request, response: { status: response.status, headers, body: Buffer.from(response.body) } };
    });
}
