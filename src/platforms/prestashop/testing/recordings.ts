import { readFileSync } from 'node:fs';

export interface Recorded {
  label: string;
  request: { method: 'GET' | 'PUT'; path: string; body: string | null };
  response: { status: number; headers: Record<string, string>; body: string };
}

/** Calls of the webservice of PrestaShop 1.7.7.4 and their answers. */
export function recordedCalls(): Recorded[] {
  return readFileSync(new URL('../fixtures/webservice.ndjson', import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const recorded = JSON.parse(line) as Recorded & { response: { headers: [string, string][] } };
      const headers = recorded.response.headers.map(([name, value]) => [name.toLowerCase(), value] as const);
      return { ...recorded, response: { ...recorded.response, headers: Object.fromEntries(headers) } };
    });
}
