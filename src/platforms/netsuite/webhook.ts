import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { refused, verifyHmac } from '../../platform/signature.ts';
import { record } from './answer.ts';
import { accountKey, type NetsuiteConfig } from './config.ts';
import { docOfTransaction, LOWERS, typeOfRecord } from './documents.ts';

export const SIGNATURE_HEADER = 'x-onhand-signature';
export const TIMESTAMP_HEADER = 'x-onhand-timestamp';
const TOLERANCE_MS = 5 * 60_000;
/** The one kind of event our script sends. */
const TOPIC = 'record';

/** NetSuite has no webhooks: what arrives is sent by our own script (extension/), signed by it at each attempt. */
export function verify({ headers, body }: Delivery, config: NetsuiteConfig, now: number): Verdict {
  const timestamp = headers[TIMESTAMP_HEADER] ?? '';
  const bad = verifyHmac(headers[SIGNATURE_HEADER]?.trim().replace(/^sha256=/, ''), {
    algorithm: 'sha256',
    encoding: 'hex',
    secret: config.webhookSecret,
    parts: [`${timestamp}.`, body],
    header: SIGNATURE_HEADER,
    secretFrom: 'Setup > Company > API Secrets',
  });
  if (bad) return bad;
  if (!/^\d{1,12}$/.test(timestamp))
    return refused('malformed', `${TIMESTAMP_HEADER} must be seconds since 1970: install the script of this version.`);
  if (Math.abs(now - Number(timestamp) * 1000) > TOLERANCE_MS)
    return refused('stale', 'The event was signed more than five minutes ago. Check the clock of this machine (NTP).');
  return { verdict: 'ok', topic: TOPIC, deliveryId: headers['x-onhand-event'] };
}

/** Untrusted: only chooses whose secret to check with. One address serves all accounts that have our script. */
export function accountOf(delivery: Delivery): string | undefined {
  try {
    const account = record(readJson(bodyText(delivery)))?.['account'];
    return typeof account === 'string' && account !== '' ? accountKey(account) : undefined;
  } catch {
    return undefined;
  }
}

const id = z.union([z.number().int().nonnegative().transform(String), z.string().regex(/^\d{1,20}$/)]);
const event = z.object({
  account: z.string().nullish(),
  recordType: z.string(),
  recordId: id,
  eventType: z.string().nullish(),
  /** What it was made from; the type as `N/record` names it, null where it was made from nothing. */
  createdFrom: id.nullish(),
  createdFromType: z.string().nullish(),
  items: z.array(id).max(10_000).nullish(),
});

/** @throws Error when the body is not what our script sends. */
export function decode(delivery: Delivery, _topic: string, config: NetsuiteConfig): Signal[] {
  const told = event.parse(readJson(bodyText(delivery)));
  const { account } = config;
  if (told.account && accountKey(told.account) !== account)
    throw new Error(
      `the event is of the account ${told.account.slice(0, 60)}: the script there has this channel's address`,
    );
  const type = typeOfRecord(told.recordType);
  const from = { type: typeOfRecord(told.createdFromType ?? ''), id: told.createdFrom ?? undefined };
  const doc = type && docOfTransaction(type, told.recordId, from);
  if (!doc)
    return [...new Set(told.items ?? [])].map((stockKey) => ({ kind: 'dirty', account, stockKey, location: null }));
  const isDeleted =
    told.eventType === 'delete' && doc.endsWith(`:${told.recordId}`) && !(LOWERS.includes(type) && from.id);
  return [{ kind: isDeleted ? 'document-gone' : 'document-changed', account, doc }];
}
