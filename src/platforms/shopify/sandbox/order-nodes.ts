import type { StockFulfilment, StockLine, StockOrder } from '../../../platform/sandbox-kit/index.ts';
import type { CatalogueNodes } from './catalogue-nodes.ts';
import { connect } from './connection.ts';
import { gid, seqOf } from './ids.ts';
import { financialStatus, fulfillmentStatus, openUnits, soldAtMs, sourceName, tillReceipt } from './order-state.ts';
import { RefundNodes } from './refund-nodes.ts';
import type { Call, Node } from './run.ts';
import { currentOf, type Shop, utc } from './shop.ts';

/** Orders with everything that hangs on them, as the API shows them. */
export class OrderNodes {
  private readonly refunds: RefundNodes;
  constructor(
    private readonly shop: Shop,
    private readonly catalogue: CatalogueNodes,
  ) {
    this.refunds = new RefundNodes(shop, catalogue, this);
  }

  order(order: StockOrder): Node {
    const { catalogue, shop } = this;
    const limited =
      <Item>(items: Item[], view: (item: Item) => Node) =>
      ({ args }: Call) =>
        items.slice(0, args['first'] === undefined ? items.length : Number(args['first'])).map(view);
    return {
      __typename: 'Order',
      id: gid('Order', order.id),
      legacyResourceId: order.id,
      name: `#${1000 + order.seq}`,
      number: order.seq,
      createdAt: utc(order.placedAtMs),
      processedAt: utc(soldAtMs(order)),
      updatedAt: utc(order.changedAtMs),
      cancelledAt: order.cancelledAtMs === null ? null : utc(order.cancelledAtMs),
      cancelReason: order.cancelledAtMs === null ? null : 'CUSTOMER',
      confirmed: true,
      test: false,
      sourceName: sourceName(order),
      sourceIdentifier: tillReceipt(order),
      displayFinancialStatus: financialStatus(order),
      displayFulfillmentStatus: fulfillmentStatus(order),
      returnStatus: order.refunds.some(({ seq }) => shop.returns.has(seq)) ? 'RETURNED' : 'NO_RETURN',
      retailLocation: order.location === null ? null : catalogue.locationOf(gid('Location', order.location)),
      lineItems: connect('LineItem', order.lines, (line) => this.line(line, order)),
      fulfillmentOrders: connect('FulfillmentOrder', placesOf(order), (place) => this.fulfillmentOrder(place, order)),
      fulfillments: limited(order.fulfilments, (one) => this.fulfillment(one, order)),
      refunds: limited(order.refunds, (one) => this.refunds.refund(one, order)),
      returns: connect(
        'Return',
        order.refunds.filter(({ seq }) => shop.returns.has(seq)),
        (one) => this.refunds.returned(one, order),
      ),
    };
  }

  line(line: StockLine, order: StockOrder): Node {
    return {
      __typename: 'LineItem',
      id: gid('LineItem', line.id),
      sku: line.item.sku,
      title: line.item.title,
      name: line.item.title,
      quantity: line.quantity,
      currentQuantity: currentOf(line),
      unfulfilledQuantity: openUnits(line, order),
      requiresShipping: true,
      isGiftCard: false,
      variant: () => this.catalogue.variant(line.item),
    };
  }

  fulfillmentOrder(location: string, order: StockOrder): Node {
    const { shop } = this;
    const seq = this.placeSeq(location, order);
    const lines = order.lines.flatMap((line, index) => {
      const part = line.parts.find((one) => one.location === location);
      if (!part) return [];
      const total = part.committed + part.fulfilled + part.released + part.writtenOff;
      return total > 0 ? [{ line, index, remaining: part.committed, total }] : [];
    });
    const remaining = lines.reduce((sum, one) => sum + one.remaining, 0);
    const shipped = order.fulfilments.some((one) => one.location === location);
    return {
      __typename: 'FulfillmentOrder',
      id: gid('FulfillmentOrder', shop.ids.fulfillmentOrder(seq)),
      status: remaining > 0 ? (shipped ? 'IN_PROGRESS' : 'OPEN') : shipped ? 'CLOSED' : 'CANCELLED',
      orderId: gid('Order', order.id),
      createdAt: utc(order.placedAtMs),
      updatedAt: utc(order.changedAtMs),
      assignedLocation: {
        __typename: 'FulfillmentOrderAssignedLocation',
        name: shop.locations.find(({ id }) => id === location)?.name ?? '',
        countryCode: 'US',
        location: () => this.catalogue.locationOf(gid('Location', location)),
      },
      lineItems: connect('FulfillmentOrderLineItem', lines, (one) => ({
        __typename: 'FulfillmentOrderLineItem',
        id: gid('FulfillmentOrderLineItem', shop.ids.fulfillmentOrder(seq * 1000 + one.index)),
        totalQuantity: one.total,
        remainingQuantity: one.remaining,
        sku: one.line.item.sku,
        inventoryItemId: gid('InventoryItem', one.line.item.id),
        lineItem: () => this.line(one.line, order),
      })),
    };
  }

  fulfillment(fulfilment: StockFulfilment, order: StockOrder): Node {
    const { shop } = this;
    const id = shop.ids.document(fulfilment.seq);
    return {
      __typename: 'Fulfillment',
      id: gid('Fulfillment', id),
      legacyResourceId: id,
      name: `#${1000 + order.seq}-F${order.fulfilments.indexOf(fulfilment) + 1}`,
      status: 'SUCCESS',
      createdAt: utc(fulfilment.atMs),
      updatedAt: utc(fulfilment.atMs),
      totalQuantity: fulfilment.lines.reduce((sum, one) => sum + one.quantity, 0),
      location: () => this.catalogue.locationOf(gid('Location', fulfilment.location)),
      fulfillmentLineItems: connect('FulfillmentLineItem', fulfilment.lines, ({ line, quantity }) =>
        this.fulfillmentLine(fulfilment, line, quantity, order),
      ),
    };
  }

  fulfillmentLine(fulfilment: StockFulfilment, line: StockLine, quantity: number, order: StockOrder): Node {
    return {
      __typename: 'FulfillmentLineItem',
      id: gid('FulfillmentLineItem', `${this.shop.ids.document(fulfilment.seq)}${order.lines.indexOf(line)}`),
      quantity,
      lineItem: () => this.line(line, order),
    };
  }

  /** Whatever of an order has an id of its own. */
  documentOf(kind: string, id: string): Node | null {
    const { book, ids, documents } = this.shop;
    const seq = seqOf(id);
    if (kind === 'FulfillmentOrder') {
      const order = book.orders[Math.floor(seq / 100) - 1];
      const place = order && placesOf(order).find((one) => this.placeSeq(one, order) === seq);
      return order && place ? this.fulfillmentOrder(place, order) : null;
    }
    const order = documents.get(seq);
    if (!order || ids.document(seq) !== id) return null;
    const shipped = order.fulfilments.find((one) => one.seq === seq);
    if (kind === 'Fulfillment') return shipped ? this.fulfillment(shipped, order) : null;
    const refund = order.refunds.find((one) => one.seq === seq);
    if (!refund) return null;
    if (kind === 'Refund') return this.refunds.refund(refund, order);
    return kind === 'ReverseFulfillmentOrder' && this.shop.returns.has(seq) ? this.refunds.parcel(refund, order) : null;
  }

  private placeSeq(location: string, order: StockOrder): number {
    return order.seq * 100 + this.shop.locations.findIndex(({ id }) => id === location);
  }
}

/** The places an order was ever to be sent from, in the shop's order. */
const placesOf = (order: StockOrder): string[] => [
  ...new Set(
    order.lines.flatMap(({ parts }) =>
      parts
        .filter(({ committed, fulfilled, released, writtenOff }) => committed + fulfilled + released + writtenOff > 0)
        .map(({ location }) => location),
    ),
  ),
];
