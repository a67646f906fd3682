import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { SquareClient } from '../api.ts';
import { type SquareConfig, squareConfig } from '../config.ts';
import type { SquareOp } from '../facts.ts';
import { classify } from '../failures.ts';

export interface Asked {
  op: SquareOp;
  request: HttpRequest;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes.
  body: any;
}

export const NOW = Date.parse('2026-11-24T10:00:00.000Z');

/**
 * A client whose answers are written out: for what the stand-in never does (half-done batches, answers that lie, clocks
 * that disagree). Judges them as the real one does, tries nothing twice.
 */
export function scripted(answer: (asked: Asked) => HttpResponse | unknown, nowMs = NOW) {
  const asked: Asked[] = [];
  let uuids = 0;
  const client: SquareClient = {
    now: () => nowMs,
    uuid: () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, '0')}`,
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

export const settings = (more: Partial<Record<keyof SquareConfig, unknown>> = {}): SquareConfig =>
  squareConfig.parse({ account: 'MLEFBHHSJGVHD', accessToken: 'EAAAE-token', ...more });

export const squareErrors = (
  status: number,
  ...errors: { code: string; field?: string; category?: string }[]
): HttpResponse =>
  jsonResponse(status, {
    errors: errors.map((error) => ({ category: 'INVALID_REQUEST_ERROR', detail: 'said so', ...error })),
  });
