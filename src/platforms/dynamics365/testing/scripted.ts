import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { DynamicsClient } from '../api.ts';
import { type DynamicsConfig, dynamicsConfig } from '../config.ts';
import type { DynamicsOp } from '../facts.ts';
import { classify } from '../failures.ts';

interface Asked {
  op: DynamicsOp;
  request: HttpRequest;
  text: string;
}

const NOW = Date.parse('2026-11-24T10:00:00.000Z');

/** A client whose answers are written out. Judges them as the real one does, tries nothing twice. */
export function scripted(answer: (asked: Asked) => HttpResponse | unknown) {
  const asked: Asked[] = [];
  let uuids = 0;
  const client: DynamicsClient = {
    now: () => NOW,
    uuid: () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, '0')}`,
    async call(op, request) {
      const one = { op, request, text: bodyText(request) };
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

export const COMPANY = '000000bc-0000-4000-8000-000000000001';

export const settings = (more: Record<string, unknown> = {}): DynamicsConfig =>
  dynamicsConfig.parse({
    account: COMPANY,
    tenantId: '7f3c1a52-9b60-4c1e-8a7d-2e5b4d6c8f01',
    clientId: '3d2b8e14-6a57-4f0c-9d31-5c7e9a1b2f64',
    clientSecret: 'Xq8Q~secret',
    accessToken: 'eyJ0eXAi',
    ...more,
  });

export const id = (seq: number): string => `00000000-0000-4000-8000-${String(seq).padStart(12, '0')}`;
