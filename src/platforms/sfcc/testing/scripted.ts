import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { SfccClient } from '../api.ts';
import { type SfccConfig, sfccConfig } from '../config.ts';
import type { SfccOp } from '../facts.ts';
import { classify } from '../failures.ts';

interface Asked {
  op: SfccOp;
  request: HttpRequest;
  text: string;
}

export const NOW = Date.parse('2026-11-24T10:00:00.000Z');

/** A client whose answers are written out. Judges them as the real one does, tries nothing twice. */
export function scripted(answer: (asked: Asked) => HttpResponse | unknown) {
  const asked: Asked[] = [];
  let uuids = 0;
  const client: SfccClient = {
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

export const settings = (more: Record<string, unknown> = {}): SfccConfig =>
  sfccConfig.parse({
    account: 'f_ecom_zzte_053',
    shortCode: 'kv7kzm78',
    instanceUrl: 'https://production-realm-customer.demandware.net',
    clientId: '0a1b2c3d-1111-4222-8333-444455556666',
    clientSecret: 'aSecretOfTheirs',
    siteIds: 'RefArch, RefArchGlobal',
    accessToken: 'scapi-token',
    ocapiToken: 'ocapi-token',
    ...more,
  });
