import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { CloverClient } from '../api.ts';
import { type CloverConfig, cloverConfig } from '../config.ts';
import type { CloverOp } from '../facts.ts';
import { classify } from '../failures.ts';

export interface Asked {
  op: CloverOp;
  request: HttpRequest;
  url: URL;
  body: unknown;
}

export const NOW = Date.parse('2026-11-24T10:00:00.000Z');

/**
 * A client whose answers are written out: for what the stand-in never does. Judges them as the real one does, tries nothing
 * twice.
 */
export function scripted(answer: (asked: Asked) => HttpResponse | unknown) {
  const asked: Asked[] = [];
  const client: CloverClient = {
    now: () => NOW,
    uuid: () => '00000000-0000-4000-8000-000000000001',
    async call(op, request) {
      const text = bodyText(request);
      const one = { op, request, url: new URL(request.url), body: text === '' ? undefined : JSON.parse(text) };
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

export const settings = (more: Partial<Record<keyof CloverConfig, unknown>> = {}): CloverConfig =>
  cloverConfig.parse({ account: 'XYZVJT2ZRRRSC', accessToken: 'an-api-token', ...more });
