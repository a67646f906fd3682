import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { sharedPath } from '../../../platform/testing/outside.ts';

export interface Recorded {
  label: string;
  request: { method: 'GET' | 'POST'; path: string; body: unknown };
  response: { status: number; body: unknown };
}

/** Calls of the REST API of Magento 2.4.7-p3 and their answers. */
export function recordedCalls(): Recorded[] {
  return readFileSync(new URL('../fixtures/rest.ndjson', import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const recorded = JSON.parse(line) as Recorded;
      const { body, ...response } = recorded.response;
      return { ...recorded, response: { ...response, body: JSON.parse(String(body)) } };
    });
}

export interface Swagger {
  basePath: string;
  paths: Record<
    string,
    Record<
      string,
      {
        parameters?: { name: string; in: string; schema?: unknown }[];
        responses: Record<string, { schema?: unknown }>;
      }
    >
  >;
  definitions: Record<string, unknown>;
}

/** The server's own Swagger 2.0 document. */
export function recordedSwagger(): Swagger | undefined {
  const path = sharedPath('recordings/magento-2.4.7-p3-swagger.json.gz');
  return path === undefined ? undefined : JSON.parse(gunzipSync(readFileSync(path)).toString('utf8'));
}
