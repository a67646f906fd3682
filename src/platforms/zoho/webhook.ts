import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { hmac, refused, sameSignature } from '../../platform/signature.ts';
import { record } from './api.ts';
import type { ZohoConfig } from './config.ts';
import { id } from './shape.ts';

/** Part of the address, or a header of the webhook: the merchant pastes one of them. */
const TOKEN = 'token';
const TOKEN_HEADER = 'x-onhand-token';
const SIGNATURE_HEADER = 'x-zoho-webhook-signature';

/**
 * Zoho Inventory documents no signature, so a secret in the address (or in a header of the webhook) is asked for always.
 * Where an organization's webhooks are signed all the same, the signature must be right as well. Total.
 */
export function verify(delivery: Delivery, config: ZohoConfig): Verdict {
  if (!config.webhookSecret)
    return refused(
      'no-secret',
      'No secret is set: write a long random text as the webhook secret, and into the address.',
    );
  const given = tokenOf(delivery.path) ?? delivery.headers[TOKEN_HEADER];
  if (given === undefined)
    return refused('no-signature', 'The address lacks its token: compare the URL in Settings > Automation > Webhooks.');
  if (!sameSignature(given, config.webhookSecret))
    return refused('bad-signature', 'The token in the address is another one than in this channel’s settings.');
  if (config.signingSecret && !isSigned(delivery, config.signingSecret))
    return refused('bad-signature', `${SIGNATURE_HEADER} is missing or does not fit the body and the signing secret.`);
  const topic = Object.keys(TOPICS).find((name) => idIn(delivery, name) !== undefined);
  return topic
    ? { verdict: 'ok', topic }
    : refused('malformed', 'The body names no sales order, return, package or item: use the body of the set-up guide.');
}

function tokenOf(path: string): string | undefined {
  const query = path.indexOf('?');
  return query < 0 ? undefined : (new URLSearchParams(path.slice(query)).get(TOKEN) ?? undefined);
}

/** Both forms that are seen at Zoho: hex over the body, and `t=…,v=…` over time and body. */
function isSigned({ headers, body }: Delivery, secret: string): boolean {
  const given = headers[SIGNATURE_HEADER]?.trim() ?? '';
  const timed = /^t=(\d{1,20}),v=([0-9a-f]+)$/i.exec(given);
  if (!timed) return sameSignature(given.toLowerCase(), hmac('sha256', secret, [body], 'hex'));
  const [, time, value] = timed;
  return sameSignature(value!.toLowerCase(), hmac('sha256', secret, [`${time}.`, body], 'hex'));
}

/** What a body may be about, by the member that names it, the most telling first. */
const TOPICS: Record<string, string> = {
  salesreturn: 'salesreturn_id',
  salesorder: 'salesorder_id',
  item: 'item_id',
};

/**
 * `{"salesorder_id": …}` as the set-up guide has it; `{"salesorder": {…}}` as Zoho's default payload may be; or either of
 * them as text in a form's `JSONString`.
 */
function idIn(delivery: Delivery, topic: string): string | undefined {
  const body = bodyOf(delivery);
  const found = body?.[TOPICS[topic]!] ?? record(body?.[topic])?.[TOPICS[topic]!];
  return id.safeParse(found).data;
}

function bodyOf(delivery: Delivery): Record<string, unknown> | undefined {
  const text = bodyText(delivery);
  return readRecord(text) ?? readRecord(new URLSearchParams(text).get('JSONString') ?? '');
}

function readRecord(text: string): Record<string, unknown> | undefined {
  try {
    return record(readJson(text));
  } catch {
    return undefined;
  }
}

const known = z.enum(['salesreturn', 'salesorder', 'item']);

/**
 * Which record to look at. The body is believed in nothing else: nobody signed it.
 * @throws Error when the body is not what the topic promises.
 */
export function decode(delivery: Delivery, topic: string, config: ZohoConfig): Signal[] {
  const { account } = config;
  const about = known.parse(topic);
  const found = idIn(delivery, about);
  if (found === undefined) throw new Error(`the body names no ${TOPICS[about]}`);
  if (about === 'item') return [{ kind: 'dirty', account, stockKey: found, location: null }];
  return [{ kind: 'document-changed', account, doc: `${about === 'salesorder' ? 'order' : 'return'}:${found}` }];
}
