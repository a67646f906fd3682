import { bodyText, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { State } from './state.ts';

/** As PHP's json_encode prints it: a slash is escaped. */
const phpJson = (value: unknown): string => JSON.stringify(value).replaceAll('/', '\\/');

export function ok(state: State, body: unknown, status = 200): HttpResponse {
  return jsonResponse(status, phpJson(body), {
    'content-type': 'application/json; charset=utf-8',
    date: new Date(state.options.clock.now()).toUTCString(),
    'cache-control': 'no-store',
    'x-frame-options': 'SAMEORIGIN',
  });
}

/** Thrown where Magento answers with an error; placeholders stay in the text, as it sends them. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly parameters?: Record<string, string> | string[],
    readonly errors?: { message: string; parameters: Record<string, string> }[],
  ) {
    super(message);
  }

  body(): Record<string, unknown> {
    return {
      message: this.message,
      ...(this.errors && { errors: this.errors }),
      ...(this.parameters && { parameters: this.parameters }),
    };
  }
}

export const noRoute = (): Refusal => new Refusal(404, 'Request does not match any route.');

/** What a firewall or web server in front of PHP says: a page. */
export const page = (status: number, title: string, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/html; charset=UTF-8', ...headers },
  body: Buffer.from(`<html><head><title>${status} ${title}</title></head><body><h1>${title}</h1></body></html>`),
});

type Fields = Map<string, Fields | null>;

/** `items[entity_id,items[sku]],total_count`: Magento leaves the other members out. */
export function onlyFields(response: HttpResponse, fields: string | null): HttpResponse {
  if (fields === null || response.status >= 300) return response;
  const [wanted] = readFields(fields, 0);
  return { ...response, body: Buffer.from(phpJson(pick(JSON.parse(bodyText(response)), wanted))) };
}

function readFields(text: string, from: number): [Fields, number] {
  const fields: Fields = new Map();
  let name = '';
  for (let at = from; at <= text.length; at++) {
    const char = text[at];
    if (char === '[') {
      const [inner, end] = readFields(text, at + 1);
      fields.set(name, inner);
      name = '';
      at = end;
    } else if (char === ',' || char === ']' || char === undefined) {
      if (name) fields.set(name, null);
      name = '';
      if (char !== ',') return [fields, at];
    } else name += char;
  }
  return [fields, text.length];
}

function pick(value: unknown, fields: Fields): unknown {
  if (Array.isArray(value)) return value.map((one) => pick(one, fields));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => fields.has(name));
  return Object.fromEntries(kept.map(([name, one]) => [name, fields.get(name) ? pick(one, fields.get(name)!) : one]));
}
