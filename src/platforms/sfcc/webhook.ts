import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { refused, verifyHmac } from '../../platform/signature.ts';
import { type SfccConfig, sitesOf } from './config.ts';
import { docId } from './orders.ts';

export const SIGNATURE_HEADER = 'x-onhand-signature';
export const TIME_HEADER = 'x-onhand-timestamp';
const WINDOW_MS = 300_000;

/** What our cartridge signs: its time in seconds, a dot, and the body. */
export function verify({ headers, body }: Delivery, config: SfccConfig, now: number): Verdict {
  const time = headers[TIME_HEADER]?.trim() ?? '';
  const bad = verifyHmac(headers[SIGNATURE_HEADER], {
    algorithm: 'sha256',
    encoding: 'hex',
    secret: config.webhookSecret,
    parts: [`${time}.`, body],
    header: SIGNATURE_HEADER,
    secretFrom: 'Business Manager > Administration > Operations > Services > Credentials > onhand.credentials',
  });
  if (bad) return bad;
  if (!/^\d{1,12}$/.test(time) || Math.abs(now - Number(time) * 1000) > WINDOW_MS)
    return refused('stale', 'The notification is older than five minutes, or one of the two clocks is wrong.');
  return { verdict: 'ok', topic: 'orders' };
}

const notice = z.object({ siteId: z.string().min(1), orders: z.array(z.string().min(1)).max(1_000) });

/** @throws Error when the body is no notice of ours. Orders of sites that are not in the settings are none of ours. */
export function decode(delivery: Delivery, _topic: string, config: SfccConfig): Signal[] {
  const { siteId, orders } = notice.parse(readJson(bodyText(delivery)));
  if (!sitesOf(config).includes(siteId)) return [];
  return orders.map((orderNo) => ({
    kind: 'document-changed',
    account: config.account,
    doc: docId(siteId, orderNo),
  }));
}
