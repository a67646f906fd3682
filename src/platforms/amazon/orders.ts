import type { Doc } from '../../domain/document.ts';
import { readQuantity } from '../../domain/quantity.ts';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { apiRequest, encode } from './address.ts';
import type { AmazonConfig } from './config.ts';
import type { AmazonOp } from './facts.ts';
import { type ItemUnits, isOver, isShipped, isUnpaid, lineOf, placeOf, revisionOf } from './order-state.ts';
import { type Fields, id, isRecord, list, moment, record, text } from './shape.ts';

export const ORDERS_PATH = '/orders/2026-01-01/orders';
/** What stock needs and no more: no buyer, no address. */
export const ORDER_DATA = ['CANCELLATION', 'FULFILLMENT'] as const;

/** An order that is not what the model promises. */
class OrderError extends Error {}

/**
 * One order of the Orders API 2026-01-01 as a document. Orders that Amazon ships from its own warehouses ask nothing of our
 * stock: they have no lines, unless those warehouses are configured as a place.
 * @param supplySource where Multi-Location Inventory takes it from; this API does not say.
 * @throws Error when identity, status or a quantity is missing.
 */
export function orderDocument(order: unknown, config: AmazonConfig, supplySource: string | null = null): Doc {
  const fields = record(order);
  const orderId = id(fields['orderId']);
  const fulfillment = record(fields['fulfillment']);
  const status = text(fulfillment['fulfillmentStatus']);
  const saleAt = moment(fields['createdTime']);
  if (!orderId || !status || !saleAt) throw new OrderError('An order without id, status or time of purchase.');
  const changedAt = moment(fields['lastUpdatedTime']);
  const place = placeOf(config, fulfillment['fulfilledBy'] === 'AMAZON', supplySource);
  const channel = record(fields['salesChannel']);
  const items = place ? list(fields['orderItems']).map((item) => itemUnits(item, status, place.location)) : [];
  return {
    account: config.account,
    doc: `order:${orderId}`,
    rev: changedAt ? revisionOf(changedAt) : null,
    whole: true,
    ...(channel['channelName'] === 'NON_AMAZON' && { origin: copyOf(fields, channel, orderId) }),
    saleAt,
    paid: !isUnpaid(status),
    state: status,
    lines: items.map((item) => lineOf(item, isOver(status))),
  };
}

function itemUnits(value: unknown, status: string, location: string | null): ItemUnits {
  const item = record(value);
  const orderItemId = id(item['orderItemId']);
  if (!orderItemId) throw new OrderError('An order item without id.');
  const ordered = readQuantity(item['quantityOrdered']);
  const done = record(item['fulfillment']);
  const cancelled = isRecord(record(item['cancellation'])['cancellationExecution']);
  const shipped = readOptional(done['quantityFulfilled']) ?? (isShipped(status) && !cancelled ? ordered : 0);
  const open = readOptional(done['quantityUnfulfilled']) ?? (cancelled ? 0 : undefined);
  return { orderItemId, sku: text(record(item['product'])['sellerSku']) ?? null, ordered, shipped, open, location };
}

const readOptional = (value: unknown) => (value === undefined || value === null ? undefined : readQuantity(value));

/** Multi-channel fulfilment: the sale was made elsewhere, Amazon only ships. The other shop's number stands in an alias. */
function copyOf(order: Fields, channel: Fields, orderId: string): { source: string; id: string } {
  const alias = list(order['orderAliases'])
    .map(record)
    .find((one) => one['aliasType'] === 'SELLER_ORDER_ID');
  return { source: text(channel['marketplaceName']) ?? 'non-amazon', id: id(alias?.['aliasId']) ?? orderId };
}

/** @throws Failure `gone` when Amazon does not know it (any more: two years), `rejected` when it cannot be read. */
export async function fetchDocument(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  doc: string,
): Promise<Doc | 'gone'> {
  const orderId = doc.replace(/^order:/, '');
  const path = `${ORDERS_PATH}/${encode(orderId)}`;
  const source = config.multiLocation ? await supplySourceOf(client, config, orderId) : null;
  const answer = await client.call('getOrder', apiRequest(config, 'GET', path, { includedData: ORDER_DATA }));
  try {
    return orderDocument(record(readJson(bodyText(answer)))['order'], config, source);
  } catch (error) {
    throw new Failure('rejected', 'unreadable-order', `Order ${orderId}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Only the old Orders API (until 27 March 2027) says which place a multi-location order is taken from. */
async function supplySourceOf(client: Client<AmazonOp>, config: AmazonConfig, orderId: string): Promise<string | null> {
  const answer = await client.call('getOrderV0', apiRequest(config, 'GET', `/orders/v0/orders/${encode(orderId)}`));
  const order = record(record(readJson(bodyText(answer)))['payload']);
  return id(record(order['FulfillmentInstruction'])['FulfillmentSupplySourceId']) ?? null;
}
