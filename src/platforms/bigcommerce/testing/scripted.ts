import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { BigClient } from '../api.ts';
import { type BigConfig, bigConfig } from '../config.ts';
import type { BigOp } from '../facts.ts';
import { classify } from '../failures.ts';

export interface Asked {
  op: BigOp;
  request: HttpRequest;
  url: URL;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes.
  body: any;
}

export const NOW = Date.parse('2026-11-24T10:00:00.000Z');

/** A client whose answers are written out, judged as the real one does it; nothing is tried twice. */
export function scripted(answer: (asked: Asked) => HttpResponse | object | undefined) {
  const asked: Asked[] = [];
  const client: BigClient = {
    now: () => NOW,
    uuid: () => '00000000-0000-4000-8000-000000000001',
    async call(op, request) {
      const text = bodyText(request);
      const one = { op, request, url: new URL(request.url), body: text === '' ? undefined : JSON.parse(text) };
      asked.push(one);
      const given = answer(one) ?? {};
      const response = 'status' in given && 'body' in given ? (given as HttpResponse) : jsonResponse(200, given);
      const failure = classify(response, op);
      if (failure) throw failure;
      return response;
    },
  };
  return { client, asked };
}

export const settings = (more: Partial<Record<keyof BigConfig, unknown>> = {}): BigConfig =>
  bigConfig.parse({
    account: 'sftg45fsd',
    accessToken: 'token',
    webhookSecret: 'client-secret-of-the-api-account',
    onlineLocation: '1',
    ...more,
  });

export const problem = (status: number, title: string): HttpResponse =>
  jsonResponse(status, { status, title, type: '', errors: {} });
