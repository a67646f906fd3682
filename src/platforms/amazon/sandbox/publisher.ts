import { availableOf, type StockEvent, type StockLevel, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import type { Notifications } from './notifications.ts';
import { byAmazon, itemsOf, type OrderStatus, statusOf } from './orders.ts';
import type { SqsQueue } from './sqs.ts';
import { APPLICATION_ID, codeOf, hex, MARKETPLACE, type Stand, scaled, stampOf } from './stand.ts';

const WORDS: Record<OrderStatus, string> = {
  PENDING: 'Pending',
  UNSHIPPED: 'Unshipped',
  PARTIALLY_SHIPPED: 'PartiallyShipped',
  SHIPPED: 'Shipped',
  CANCELLED: 'Canceled',
};

/**
 * Writes notifications and puts them into the queue, seconds later and each on its own way, so that they overtake each
 * other. Now and then one gets lost, comes twice or much later: {@link SandboxOptions.queueFaults}.
 */
export class Publisher {
  readonly #stand: Stand;
  readonly #notifications: Notifications;
  readonly #queue: SqsQueue;
  readonly #cancels = new Set<() => void>();

  constructor(stand: Stand, notifications: Notifications, queue: SqsQueue) {
    this.#stand = stand;
    this.#notifications = notifications;
    this.#queue = queue;
  }

  quiet(): boolean {
    return this.#cancels.size === 0;
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }

  hear(event: StockEvent): void {
    if (event.kind === 'level') {
      const ours = event.level.location !== this.#stand.options.fbaLocation;
      if (ours && (event.cause === 'write' || event.cause === 'edit')) this.#quantity(event.level);
      return;
    }
    // Money paid back is no change of the order here.
    if (event.cause === 'refunded') return;
    // Every order is Pending until the payment is authorised, and each state is told.
    if (event.cause === 'placed' && event.order.paidAtMs !== null) this.#order(event.order, 'PENDING');
    this.#order(event.order, statusOf(event.order));
  }

  #order(order: StockOrder, status: OrderStatus): void {
    const { random } = this.#stand.options;
    const items = itemsOf(this.#stand, order);
    const sum = (key: 'shipped' | 'open') => items.reduce((total, item) => total + item[key], 0);
    // Real messages leave these out more often than not.
    const dated = random() < 0.5;
    this.#publish('ORDER_CHANGE', {
      OrderChangeNotification: {
        NotificationLevel: 'OrderLevel',
        SellerId: this.#stand.sellerId,
        AmazonOrderId: order.id,
        OrderChangeType: 'OrderStatusChange',
        OrderChangeTrigger: {
          TimeOfOrderChange: dated ? changeTime(stampOf(this.#stand, order.changedAtMs)) : null,
          ChangeReason: 'Order Status Change',
        },
        Summary: {
          MarketplaceId: MARKETPLACE,
          OrderStatus: WORDS[status],
          PurchaseDate: random() < 0.5 ? new Date(order.placedAtMs).toISOString() : null,
          DestinationPostalCode: null,
          FulfillmentType: byAmazon(this.#stand, order) ? 'AFN' : 'MFN',
          OrderType: 'StandardOrder',
          NumberOfItemsShipped: sum('shipped'),
          NumberOfItemsUnshipped: sum('open'),
          OrderPrograms: [],
          ShippingPrograms: [],
          OrderItems: items.map((item) => ({
            OrderItemId: item.orderItemId,
            SellerSKU: item.sku,
            SupplySourceId: this.#stand.options.multiLocation ? item.place : null,
            Quantity: item.ordered,
            ...((dated || item.shipped > 0) && { QuantityShipped: item.shipped }),
          })),
        },
      },
    });
  }

  #quantity(level: StockLevel): void {
    this.#publish('LISTINGS_ITEM_MFN_QUANTITY_CHANGE', {
      SellerId: this.#stand.sellerId,
      FulfillmentChannelCode: codeOf(this.#stand, level.location),
      Sku: level.item.sku,
      Quantity: Math.max(0, Math.floor(availableOf(level))),
    });
  }

  #publish(type: string, Payload: unknown): void {
    const subscription = this.#notifications.active(type);
    if (!subscription) return;
    const { random, clock, queueFaults } = this.#stand.options;
    if (random() < (queueFaults?.lost ?? 0)) return;
    const late = random() < (queueFaults?.late ?? 0);
    const vendorMs = late ? 60_000 + random() * 1_740_000 : 400 + random() * 5_600;
    const writtenAtMs = clock.now() + scaled(this.#stand, Math.min(vendorMs, 6_000));
    const body = JSON.stringify({
      NotificationVersion: '1.0',
      NotificationType: type,
      PayloadVersion: subscription.payloadVersion,
      EventTime: new Date(writtenAtMs).toISOString(),
      Payload,
      NotificationMetadata: {
        ApplicationId: APPLICATION_ID,
        SubscriptionId: subscription.subscriptionId,
        PublishTime: new Date(writtenAtMs).toISOString(),
        NotificationId: hex(random, 32),
      },
    });
    this.#later(vendorMs, body);
    if (random() < (queueFaults?.doubled ?? 0)) this.#later(vendorMs + random() * 60_000, body);
  }

  #later(vendorMs: number, body: string): void {
    const cancel = this.#stand.options.clock.after(scaled(this.#stand, vendorMs), () => {
      this.#cancels.delete(cancel);
      this.#queue.put(body);
    });
    this.#cancels.add(cancel);
  }
}

/** Here the same moment is printed with a fraction of zeros. */
const changeTime = (stamp: string): string => (stamp.includes('.') ? stamp : stamp.replace('Z', '.000Z'));
