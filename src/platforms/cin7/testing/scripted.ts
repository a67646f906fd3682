import { readFileSync } from 'node:fs';
import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { Cin7Client } from '../api.ts';
import { type Cin7Config, cin7Config } from '../config.ts';
import type { Cin7Op } from '../facts.ts';
import { classify } from '../failures.ts';

export interface Asked {
  op: Cin7Op;
  request: HttpRequest;
  query: URLSearchParams;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes.
  body: any;
}

export const NOW = Date.parse('2026-11-24T10:00:00.000Z');

/** A client whose answers are written out, for what the stand-in never does. Judges them as the real one, repeats nothing. */
export function scripted(answer: (asked: Asked) => HttpResponse | unknown) {
  const asked: Asked[] = [];
  const client: Cin7Client = {
    now: () => NOW,
    uuid: () => '00000000-0000-4000-8000-000000000001',
    async call(op, request) {
      const text = bodyText(request);
      const query = new URL(request.url).searchParams;
      const one = { op, request, query, body: text === '' ? undefined : JSON.parse(text) };
      asked.push(one);
      const given = answer(one);
      const response = isResponse(given) ? given : jsonResponse(200, given ?? {});
      const failure = classify(response, op);
      if (failure) throw failure;
      return response;
    },
  };
  return { client, asked };
}

const isResponse = (value: unknown): value is HttpResponse =>
  typeof value === 'object' && value !== null && 'status' in value && 'headers' in value && 'body' in value;

export const settings = (more: Partial<Record<keyof Cin7Config, unknown>> = {}): Cin7Config =>
  cin7Config.parse({ account: 'ACCOUNT', apiKey: 'a-key', ...more });

/** The places that Core's papers name. */
export const PLACES = {
  LocationList: [
    { ID: 'MAIN', Name: 'Main Warehouse', Bins: [{ ID: 'BIN-1', Name: 'A-1' }] },
    { ID: 'SHOP', Name: 'Shop' },
    { ID: 'BIN-2', Name: 'A-2', ParentID: 'MAIN' },
  ],
};

// biome-ignore lint/suspicious/noExplicitAny: JSON of several shapes.
export const fixture = (name: string): any =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));
