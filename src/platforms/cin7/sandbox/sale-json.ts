import { openOf, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { type Account, guidOf, iso } from './account.ts';

function statusOf(order: StockOrder): string {
  if (order.cancelledAtMs !== null) return 'VOIDED';
  if (!order.taken) return 'DRAFT';
  const open = order.lines.some((line) => openOf(line, order) > 0);
  const credited = order.refunds.some(({ of }) => of === 'return');
  if (credited) return 'CREDITED';
  return open ? (order.fulfilments.length > 0 ? 'SHIPPING' : 'ORDERED') : 'COMPLETED';
}

const paperStatus = (order: StockOrder): string =>
  order.cancelledAtMs !== null ? 'VOIDED' : order.taken ? 'AUTHORISED' : 'DRAFT';

/** `GET /sale?ID=`. Placed in one go, so that every line stands at the sale's own location. */
export function saleJson(order: StockOrder, account: Account): Record<string, unknown> {
  const home = order.location ?? account.places[0]!.id;
  const goods = (location: string, line: StockOrder['lines'][0], quantity: number) => ({
    ProductID: line.item.id,
    SKU: line.item.sku,
    Name: line.item.title,
    Location: account.nameOf(location),
    LocationID: location,
    Quantity: quantity,
    BatchSN: null,
    ExpiryDate: null,
  });
  return {
    ID: order.id,
    Customer: 'A customer',
    Status: statusOf(order),
    Type: 'Advanced Sale',
    Location: account.nameOf(home),
    SaleOrderDate: `${iso(order.placedAtMs).slice(0, 10)}T00:00:00`,
    LastModifiedOn: iso(order.changedAtMs).replace('Z', ''),
    SourceChannel: null,
    ExternalID: null,
    CombinedPaymentStatus: order.paidAtMs === null ? 'UNPAID' : 'PAID',
    Order: {
      SaleOrderNumber: `SO-${String(order.seq).padStart(5, '0')}`,
      Status: paperStatus(order),
      Memo: '',
      Lines: order.lines.map((line) => ({
        ProductID: line.item.id,
        SKU: line.item.sku,
        Name: line.item.title,
        Quantity: line.quantity,
        Price: 8,
        Discount: 0,
        Tax: 0,
        Total: 8 * line.quantity,
        DropShip: false,
        Backorder: false,
        BackorderQuantity: 0,
      })),
      AdditionalCharges: [],
    },
    Fulfilments: order.fulfilments.map((one, index) => ({
      TaskID: guidOf('f111', one.seq),
      FulfillmentNumber: index + 1,
      FulFilmentStatus: 'FULFILLED',
      Pick: {
        Status: 'AUTHORISED',
        Lines: one.lines.map(({ line, quantity }) => goods(one.location, line, quantity)),
      },
      Pack: { Status: 'AUTHORISED', Lines: [] },
      Ship: {
        Status: 'AUTHORISED',
        Lines: [
          { ID: guidOf('f222', one.seq), ShipmentDate: iso(one.atMs), Carrier: 'DEFAULT Carrier', IsShipped: true },
        ],
      },
    })),
    Invoices: [],
    CreditNotes: order.refunds
      .filter(({ of }) => of === 'return')
      .map((refund) => ({
        TaskID: guidOf('c333', refund.seq),
        CreditNoteNumber: `CR-${String(refund.seq).padStart(5, '0')}`,
        Status: 'AUTHORISED',
        Lines: refund.lines.map(({ line, quantity }) => ({
          ProductID: line.item.id,
          SKU: line.item.sku,
          Quantity: quantity,
        })),
        Restock: refund.restock
          ? refund.lines.map(({ line, quantity, location }) => goods(location ?? home, line, quantity))
          : [],
      })),
  };
}

/** A row of `saleList` or `saleCreditNoteList`. */
export const listedSale = (order: StockOrder, account: Account): Record<string, unknown> => ({
  SaleID: order.id,
  OrderNumber: `SO-${String(order.seq).padStart(5, '0')}`,
  Status: statusOf(order),
  OrderStatus: paperStatus(order),
  FulFilmentStatus: order.fulfilments.length > 0 ? 'FULFILLED' : 'NOT FULFILLED',
  CombinedShippingStatus: order.fulfilments.length > 0 ? 'SHIPPED' : 'NOT SHIPPED',
  OrderLocationID: order.location ?? account.places[0]!.id,
  SourceChannel: null,
  ExternalID: null,
  Updated: iso(order.changedAtMs).replace('Z', ''),
  Type: 'Advanced Sale',
});
