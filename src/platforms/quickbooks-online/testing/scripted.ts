import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { QboClient } from '../api.ts';
import { type QboConfig, qboConfig } from '../config.ts';
import type { QboOp } from '../facts.ts';
import { classify } from '../failures.ts';

export interface Asked {
  op: QboOp;
  request: HttpRequest;
  url: URL;
  /** The query's text, where it is one. */
  query: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes.
  body: any;
}

export const NOW = Date.parse('2026-11-24T10:00:00.000Z');

/** A client whose answers are written out, judged as the real one does it; nothing is tried twice. */
export function scripted(answer: (asked: Asked) => HttpResponse | object | undefined) {
  const asked: Asked[] = [];
  const client: QboClient = {
    now: () => NOW,
    uuid: () => '00000000-0000-4000-8000-000000000001',
    async call(op, request) {
      const text = bodyText(request);
      const url = new URL(request.url);
      const query = url.searchParams.get('query') ?? '';
      const one = { op, request, url, query, body: text.startsWith('{') ? JSON.parse(text) : text };
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

export const settings = (more: Partial<Record<keyof QboConfig, unknown>> = {}): QboConfig =>
  qboConfig.parse({
    account: '9130000000000001',
    clientId: 'ABclient',
    clientSecret: 'secret-of-the-app',
    refreshToken: 'RT1-first',
    accessToken: 'eyJaccess',
    webhookSecret: 'b5771f19b12ddb4bcdb9f08bdc50bc63878a',
    salesHere: 'count',
    adjustmentAccount: '80',
    ...more,
  });

export const fault = (code: string, message = 'said', status = 400, type = 'ValidationFault'): HttpResponse =>
  jsonResponse(status, { Fault: { Error: [{ Message: message, Detail: message, code }], type }, time: '' });
