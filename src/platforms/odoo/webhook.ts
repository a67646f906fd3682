import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { refused, sameSignature } from '../../platform/signature.ts';
import type { OdooConfig } from './config.ts';
import { id, reference } from './shape.ts';

/** Name of the part of the address that only Odoo and we know. */
const TOKEN = 'token';

/** Where Odoo shall call: the channel's address with the secret, because a webhook of Odoo has no header of its own. */
export function hookAddress(hookUrl: string, secret: string): string {
  const url = new URL(hookUrl);
  url.searchParams.set(TOKEN, secret);
  return url.toString();
}

/** Odoo signs nothing: whoever knows the address may say "look at this record", and nothing else. Total. */
export function verify(delivery: Delivery, config: OdooConfig): Verdict {
  if (!config.webhookSecret)
    return refused('no-secret', 'No secret is set: let Onhand make the automation rules, or write a long random text.');
  const given = tokenOf(delivery.path);
  if (given === undefined)
    return refused('no-signature', 'The address lacks its token: an automation rule was typed by hand without it.');
  if (!sameSignature(given, config.webhookSecret))
    return refused(
      'bad-signature',
      'The token in the address is another one. Let Onhand make the automation rules again.',
    );
  const body = bodyOf(delivery);
  const model = body?.['_model'];
  if (typeof model !== 'string' || !/^[a-z][\w.]{0,60}$/.test(model))
    return refused('malformed', 'The body names no model: this is no webhook of an automation rule.');
  return { verdict: 'ok', topic: model };
}

function tokenOf(path: string): string | undefined {
  const query = path.indexOf('?');
  return query < 0 ? undefined : (new URLSearchParams(path.slice(query)).get(TOKEN) ?? undefined);
}

function bodyOf(delivery: Delivery): Record<string, unknown> | undefined {
  try {
    const body = readJson(bodyText(delivery));
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const record = z.object({ _id: id });
const ofOrder = z.object({ order_id: reference });
const ofDelivery = z.object({ sale_id: reference.nullish(), pos_order_id: reference.nullish() });
const ofProduct = z.object({ product_id: reference });

/**
 * Which record to look at. The body is believed in nothing else: anybody could have sent it.
 * @throws Error when the body is not what the model promises.
 */
export function decode(delivery: Delivery, topic: string, config: OdooConfig): Signal[] {
  const { account } = config;
  const body = readJson(bodyText(delivery));
  const changed = (kind: 'order' | 'till', one: string | null | undefined): Signal[] =>
    one ? [{ kind: 'document-changed', account, doc: `${kind}:${one}` }] : [];
  switch (topic) {
    case 'sale.order':
      return changed('order', record.parse(body)._id);
    case 'sale.order.line':
      return changed('order', ofOrder.parse(body).order_id);
    case 'stock.picking': {
      const told = ofDelivery.parse(body);
      return [...changed('order', told.sale_id), ...(config.pointOfSale ? changed('till', told.pos_order_id) : [])];
    }
    case 'pos.order':
      return config.pointOfSale ? changed('till', record.parse(body)._id) : [];
    case 'stock.quant': {
      const stockKey = ofProduct.parse(body).product_id;
      return stockKey ? [{ kind: 'dirty', account, stockKey, location: null }] : [];
    }
    case 'product.product':
      return [{ kind: 'listing-changed', account, listing: record.parse(body)._id }];
    default:
      return [];
  }
}
