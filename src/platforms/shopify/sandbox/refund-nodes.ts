import type { StockOrder, StockRefund } from '../../../platform/sandbox-kit/index.ts';
import type { CatalogueNodes } from './catalogue-nodes.ts';
import { connect } from './connection.ts';
import { gid } from './ids.ts';
import type { OrderNodes } from './order-nodes.ts';
import type { Node } from './run.ts';
import { type Shop, utc } from './shop.ts';

/** Refunds, returns, and the parcels that come back with them, as the API shows them. */
export class RefundNodes {
  constructor(
    private readonly shop: Shop,
    private readonly catalogue: CatalogueNodes,
    private readonly orders: Pick<OrderNodes, 'line' | 'fulfillmentLine'>,
  ) {}

  refund(refund: StockRefund, order: StockOrder): Node {
    const { shop } = this;
    const id = shop.ids.document(refund.seq);
    const viaReturn = shop.returns.has(refund.seq);
    return {
      __typename: 'Refund',
      id: gid('Refund', id),
      legacyResourceId: id,
      createdAt: utc(refund.atMs),
      processedAt: utc(refund.atMs),
      updatedAt: utc(refund.atMs),
      note: null,
      return: () => (viaReturn ? this.returned(refund, order) : null),
      refundLineItems: connect('RefundLineItem', refund.lines, ({ line, quantity, location }) => ({
        __typename: 'RefundLineItem',
        id: gid('RefundLineItem', `${id}${order.lines.indexOf(line)}`),
        quantity,
        restockType: viaReturn ? 'NO_RESTOCK' : restockType(refund),
        restocked: !viaReturn && refund.restock,
        location: () => (!viaReturn && location !== null ? this.catalogue.locationOf(gid('Location', location)) : null),
        lineItem: () => this.orders.line(line, order),
      })),
    };
  }

  returned(refund: StockRefund, order: StockOrder): Node {
    const id = this.shop.ids.document(refund.seq);
    return {
      __typename: 'Return',
      id: gid('Return', id),
      name: `#${1000 + order.seq}-R${order.refunds.indexOf(refund) + 1}`,
      status: 'CLOSED',
      createdAt: utc(refund.atMs),
      totalQuantity: refund.lines.reduce((sum, one) => sum + one.quantity, 0),
      refunds: connect('Refund', [refund], (one) => this.refund(one, order)),
      reverseFulfillmentOrders: connect('ReverseFulfillmentOrder', [refund], (one) => this.parcel(one, order)),
    };
  }

  parcel(refund: StockRefund, order: StockOrder): Node {
    const id = this.shop.ids.document(refund.seq);
    const { location } = this.shop.returns.get(refund.seq)!;
    return {
      __typename: 'ReverseFulfillmentOrder',
      id: gid('ReverseFulfillmentOrder', id),
      status: 'CLOSED',
      lineItems: connect('ReverseFulfillmentOrderLineItem', refund.lines, ({ line, quantity }) => {
        const shipped = order.fulfilments.find((one) => one.lines.some((entry) => entry.line === line))!;
        return {
          __typename: 'ReverseFulfillmentOrderLineItem',
          id: gid('ReverseFulfillmentOrderLineItem', `${id}${order.lines.indexOf(line)}`),
          totalQuantity: quantity,
          fulfillmentLineItem: () => this.orders.fulfillmentLine(shipped, line, quantity, order),
          dispositions: [
            {
              __typename: 'ReverseFulfillmentOrderDisposition',
              id: gid('ReverseFulfillmentOrderDisposition', `${id}${order.lines.indexOf(line)}`),
              type: 'RESTOCKED',
              quantity,
              createdAt: utc(refund.atMs),
              location: () => this.catalogue.locationOf(gid('Location', location)),
            },
          ],
        };
      }),
    };
  }
}

export const restockType = ({ of, restock }: StockRefund): 'CANCEL' | 'RETURN' | 'NO_RESTOCK' =>
  restock ? (of === 'cancel' ? 'CANCEL' : 'RETURN') : 'NO_RESTOCK';
