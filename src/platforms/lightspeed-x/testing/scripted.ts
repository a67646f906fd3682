import { readFileSync } from 'node:fs';
import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { LightspeedXClient } from '../api.ts';
import { type LightspeedXConfig, lightspeedXConfig } from '../config.ts';
import type { LightspeedXOp } from '../facts.ts';
import { classify } from '../failures.ts';

export interface Asked {
  op: LightspeedXOp;
  request: HttpRequest;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes.
  body: any;
}

export const NOW = Date.parse('2026-11-24T10:00:00.000Z');

/** A client whose answers are written out, for what the stand-in never does. Judges them as the real one, repeats nothing. */
export function scripted(answer: (asked: Asked) => HttpResponse | unknown) {
  const asked: Asked[] = [];
  const client: LightspeedXClient = {
    now: () => NOW,
    uuid: () => '00000000-0000-4000-8000-000000000001',
    async call(op, request) {
      const text = bodyText(request);
      const one = { op, request, body: text === '' ? undefined : JSON.parse(text) };
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

export const settings = (more: Partial<Record<keyof LightspeedXConfig, unknown>> = {}): LightspeedXConfig =>
  lightspeedXConfig.parse({
    account: 'mugs',
    accessToken: 'a-personal-token',
    reasonOutId: 'R-OUT',
    reasonInId: 'R-IN',
    ...more,
  });

// biome-ignore lint/suspicious/noExplicitAny: JSON of several shapes.
export const fixture = (name: string): any =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));
