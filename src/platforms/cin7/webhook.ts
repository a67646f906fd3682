import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { refused, sameSignature } from '../../platform/signature.ts';
import { record } from './api.ts';
import type { Cin7Config } from './config.ts';

const LEVELS = 'Stock/AvailableStockLevelChanged';

/** What we listen to at Core; each is a webhook of its own. */
export const EVENT_TYPES = [
  'Sale/OrderAuthorised',
  'Sale/Backordered',
  'Sale/PickAuthorised',
  'Sale/ShipmentAuthorised',
  'Sale/CreditNoteAuthorised',
  'Sale/Voided',
  'Sale/Undo',
  'Product/Updated',
  LEVELS,
] as const;

const UNNAMED = 'unnamed';

/**
 * Core signs nothing: a delivery carries the bearer word that was registered with it, whatever its body says. So it is
 * only a hint, and everything it names is fetched. Omni has no webhooks.
 */
export function verify(delivery: Delivery, config: Cin7Config): Verdict {
  if (!config.webhookSecret)
    return refused(
      'no-secret',
      'No word for webhooks is set. Connect the channel again, so that Onhand registers them.',
    );
  const given = /^Bearer\s+(\S+)\s*$/i.exec(delivery.headers['authorization'] ?? '')?.[1];
  if (given === undefined)
    return refused(
      'no-signature',
      'The Authorization header with the bearer word is missing: this did not come from Cin7.',
    );
  if (!sameSignature(given, config.webhookSecret))
    return refused('bad-signature', 'The bearer word is not that of the settings. Connect the channel again.');
  return { verdict: 'ok', topic: topicOf(delivery) };
}

/** Levels come as a bare list; everything else names its type. */
function topicOf(delivery: Delivery): string {
  try {
    const body = readJson(bodyText(delivery));
    if (Array.isArray(body)) return LEVELS;
    const type = record(body)?.['EventType'];
    return typeof type === 'string' && type !== '' ? type : UNNAMED;
  } catch {
    return UNNAMED;
  }
}

const id = z.string().min(1);
/** The sale's ID has two names. */
const sale = z.union([
  z.object({ SaleID: id }).transform(({ SaleID }) => SaleID),
  z.object({ SaleTaskID: id }).transform(({ SaleTaskID }) => SaleTaskID),
]);
const product = z.object({ ID: id.nullish(), ProductID: id.nullish() });
const levels = z.array(z.object({ ID: id }));

/** @throws Error when the body is not what the topic promises. */
export function decode(delivery: Delivery, topic: string, { account }: Cin7Config): Signal[] {
  if (topic === UNNAMED) throw new Error('the event names no type');
  const isKnown = (EVENT_TYPES as readonly string[]).includes(topic);
  if (!isKnown && !topic.startsWith('Sale/')) return [];
  const body = readJson(bodyText(delivery));
  if (topic === LEVELS) {
    const products = new Set(levels.parse(body).map((row) => row.ID));
    return [...products].map((stockKey) => ({ kind: 'dirty', account, stockKey, location: null }));
  }
  if (topic === 'Product/Updated') {
    const { ID, ProductID } = product.parse(body);
    return [{ kind: 'listing-changed', account, listing: ID ?? ProductID ?? '*' }];
  }
  return [{ kind: 'document-changed', account, doc: `sale:${sale.parse(body)}` }];
}
