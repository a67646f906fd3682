import { createHash } from 'node:crypto';
import type { HttpResponse } from '../../../platform/http.ts';
import type { State } from './state.ts';

/** Members in the order they are printed; all text. */
export type Row = Record<string, string>;

export const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<prestashop xmlns:xlink="http://www.w3.org/1999/xlink">\n';
const TAIL = '</prestashop>\n';

/** What the webservice sends with every answer. */
export function send(
  state: State,
  status: number,
  body: string,
  type: string | null = 'text/xml;charset=utf-8',
): HttpResponse {
  const nowMs = state.options.clock.now();
  return {
    status,
    headers: {
      'access-time': String(Math.floor(nowMs / 1000)),
      'x-powered-by': 'PrestaShop Webservice',
      'psws-version': '1.7.7.4',
      ...(type !== null && { 'content-type': type }),
      'execution-time': '0.012',
      ...(status < 300 && { 'content-sha1': createHash('sha1').update(body).digest('hex') }),
      date: new Date(nowMs).toUTCString(),
    },
    body: Buffer.from(body),
  };
}

const cdata = (value: string): string => (value === '' ? '' : `<![CDATA[${value}]]>`);

/** A text in the shop's languages, where `name` is one. */
const member = (name: string, value: string): string =>
  name === 'name'
    ? `\t<name><language id="1" xlink:href="https://shop.example/api/languages/1">${cdata(value)}</language></name>\n`
    : `\t<${name}>${cdata(value)}</${name}>\n`;

const element = (one: string, row: Row): string =>
  `<${one}>\n${Object.entries(row)
    .map(([name, value]) => member(name, value))
    .join('')}</${one}>\n`;

export const oneXml = (one: string, row: Row): string => `${HEAD}${element(one, row)}${TAIL}`;

export const listXml = (list: string, one: string, rows: readonly Row[]): string =>
  `${HEAD}<${list}>\n${rows.map((row) => element(one, row)).join('')}</${list}>\n${TAIL}`;

/** The id is a number there and everything else text; an empty list is an empty array. */
export const listJson = (list: string, rows: readonly Row[]): string =>
  rows.length === 0 ? '[]' : JSON.stringify({ [list]: rows.map((row) => ({ ...row, id: Number(row['id']) })) });

/** Thrown where the webservice answers with errors; PHP's warnings, code 3, come first. */
export class Refusal extends Error {
  readonly errors: [code: number, message: string][];
  constructor(
    readonly status: number,
    ...errors: [code: number, message: string][]
  ) {
    super(errors.map(([, message]) => message).join(' '));
    this.errors = errors;
  }

  body(): string {
    const rows = this.errors.map(([code, message]) => element('error', { code: String(code), message }));
    return `${HEAD}<errors>\n${rows.join('').replaceAll('\t', '')}</errors>\n${TAIL}`;
  }
}

/** What a firewall or web server in front of PHP says: a page. */
export const page = (status: number, title: string, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/html; charset=UTF-8', ...headers },
  body: Buffer.from(`<html><head><title>${status} ${title}</title></head><body><h1>${title}</h1></body></html>`),
});
