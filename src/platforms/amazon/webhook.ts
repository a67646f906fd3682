import type { Doc } from '../../domain/document.ts';
import { readQuantity } from '../../domain/quantity.ts';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { refused, sameSignature } from '../../platform/signature.ts';
import type { AmazonConfig } from './config.ts';
import { type ItemUnits, isOver, isShipped, isUnpaid, lineOf, placeOf, revisionOf } from './order-state.ts';
import { type Fields, id, isRecord, moment, record, text } from './shape.ts';

/** No HTTP client can send this method: a delivery that carries it was read from our own queue by {@link receive}. */
export const QUEUE_METHOD = 'QUEUE';

export const ORDER_CHANGE = 'ORDER_CHANGE';
export const QUANTITY_CHANGE = 'LISTINGS_ITEM_MFN_QUANTITY_CHANGE';

/** The notification in a message: as it is, or inside EventBridge's envelope when a rule forwards to the queue. */
function notificationIn(delivery: Delivery): Fields | undefined {
  try {
    const body = readJson(bodyText(delivery));
    if (!isRecord(body)) return undefined;
    return isRecord(body['detail']) && isRecord(body['detail']['NotificationMetadata']) ? body['detail'] : body;
  } catch {
    return undefined;
  }
}

/** What verifying reads of the settings: a recorded message can be looked at without the rest. */
type Trusted = Pick<AmazonConfig, 'queueUrl' | 'applicationId'> & Partial<Pick<AmazonConfig, 'subscriptions'>>;

/**
 * Amazon signs nothing. What vouches for a message is that it lay in our own queue, where IAM lets only Amazon's
 * notification account write, and that it names a subscription of ours. So nothing that came over HTTP is ever taken.
 */
export function verify(delivery: Delivery, config: Trusted): Verdict {
  const { queueUrl, subscriptions = {} } = config;
  if (!queueUrl || delivery.method !== QUEUE_METHOD || delivery.path !== queueUrl)
    return refused(
      'no-signature',
      'Amazon sends no webhooks: it is only believed in our own queue. Nothing has to be set up at this address.',
    );
  const known = Object.values(subscriptions);
  if (!config.applicationId && known.length === 0)
    return refused('no-secret', 'No subscription of ours is known. Run "onhand channel check" to register it.');
  const notification = notificationIn(delivery);
  const topic = text(notification?.['NotificationType']);
  if (!notification || !topic) return refused('malformed', 'This message is not a notification of Amazon.');
  const metadata = record(notification['NotificationMetadata']);
  const application = text(metadata['ApplicationId']);
  const subscription = text(metadata['SubscriptionId']);
  if (config.applicationId && !sameSignature(application, config.applicationId))
    return refused('bad-signature', 'This message is for another application. Give each application its own queue.');
  if (known.length > 0 && !known.some((one) => sameSignature(subscription, one)))
    return refused(
      'bad-signature',
      'This message is for another subscription. Give each seller account its own queue, then run "onhand channel check".',
    );
  return { verdict: 'ok', topic, deliveryId: text(metadata['NotificationId']) };
}

/** The seller that a message names; untrusted. */
export function accountOf(delivery: Delivery): string | undefined {
  const payload = record(notificationIn(delivery)?.['Payload']);
  return id(record(payload['OrderChangeNotification'])['SellerId']) ?? id(payload['SellerId']);
}

/** @throws Error when a known notification is not what its schema promises. Unknown types tell nothing. */
export function decode(delivery: Delivery, topic: string, config: AmazonConfig): Signal[] {
  if (topic !== ORDER_CHANGE && topic !== QUANTITY_CHANGE) return [];
  const notification = notificationIn(delivery);
  if (!notification) throw new Error('The message is not JSON.');
  // A message about another seller names orders that are not ours, whatever its subscription says.
  const seller = accountOf(delivery);
  if (seller !== config.account) throw new Error(`The message is about the seller ${seller ?? '(none)'}.`);
  const payload = record(notification['Payload']);
  return topic === ORDER_CHANGE
    ? orderChange(record(payload['OrderChangeNotification']), moment(notification['EventTime']), config)
    : quantityChange(payload, moment(notification['EventTime']), delivery, config);
}

function orderChange(order: Fields, eventTime: string | undefined, config: AmazonConfig): Signal[] {
  const summary = record(order['Summary']);
  const orderId = id(order['AmazonOrderId']);
  const status = text(summary['OrderStatus']);
  const shipper = text(summary['FulfillmentType']);
  if (!orderId || !status || !shipper) throw new Error('An order change without order id, status or fulfilment type.');
  if (!Array.isArray(summary['OrderItems'])) throw new Error(`Order ${orderId} comes without its items.`);
  const byAmazon = shipper === 'AFN';
  if (!placeOf(config, byAmazon, null)) return [];
  const items = summary['OrderItems'].map((item) => itemUnits(item, status, byAmazon, config));
  const changedAt = moment(record(order['OrderChangeTrigger'])['TimeOfOrderChange']);
  const boughtAt = moment(summary['PurchaseDate']);
  const saleAt = boughtAt ?? changedAt ?? eventTime;
  const changed: Signal = { kind: 'document-changed', account: config.account, doc: `order:${orderId}` };
  if (!saleAt || items.some((item) => item.location === null)) return [changed];
  // Something ended and nobody says when it was bought: it may be older than our books. The order itself knows.
  if (!boughtAt && (isOver(status) || items.some((item) => item.shipped > 0))) return [changed];
  const doc: Doc = {
    account: config.account,
    doc: `order:${orderId}`,
    // EventTime is when the message was written, later than the change it tells of: as a revision it would outrank the
    // next change. Unknown is slower and never wrong: a state that differs is fetched.
    rev: changedAt ? revisionOf(changedAt) : null,
    whole: order['NotificationLevel'] !== 'OrderItemLevel',
    saleAt,
    paid: !isUnpaid(status),
    state: status,
    lines: items.map((item) => lineOf(item, isOver(status))),
  };
  return [{ kind: 'document', doc }];
}

function itemUnits(value: unknown, status: string, byAmazon: boolean, config: AmazonConfig): ItemUnits {
  const item = record(value);
  const orderItemId = id(item['OrderItemId']);
  if (!orderItemId) throw new Error('An order item without id.');
  const ordered = readQuantity(item['Quantity']);
  const all = isShipped(status) || item['OrderItemStatus'] === 'Shipped';
  const told = item['QuantityShipped'];
  const shipped = told === undefined || told === null ? (all ? ordered : 0) : readQuantity(told);
  const place = placeOf(config, byAmazon, id(item['SupplySourceId']) ?? null);
  return { orderItemId, sku: text(item['SellerSKU']) ?? null, ordered, shipped, location: place?.location ?? null };
}

function quantityChange(
  payload: Fields,
  eventTime: string | undefined,
  delivery: Delivery,
  config: AmazonConfig,
): Signal[] {
  const stockKey = id(payload['Sku']);
  const location = id(payload['FulfillmentChannelCode']);
  if (!stockKey || !location || !eventTime) throw new Error('A quantity change without SKU, channel or time.');
  const level = {
    stockKey,
    location,
    available: readQuantity(payload['Quantity']),
    tracked: true,
    changedAt: eventTime,
    readAt: delivery.receivedAt,
  };
  return [{ kind: 'level', account: config.account, level }];
}

/** Which notifications we subscribe to; only the first is needed. */
export const TOPICS = [ORDER_CHANGE, QUANTITY_CHANGE] as const;
