import { quantity } from '../../../domain/quantity.ts';
import { openOf, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { idOf, notesOf, PRICE, type ReturnSale, type SaleRow, seconds } from './store.ts';

/** In the words of API 1.0; the dated API says the same in two. */
function statusOf(order: StockOrder): string {
  const { kind, voided } = notesOf(order);
  if (order.cancelledAtMs !== null || voided) return 'VOIDED';
  if (!order.taken) return 'SAVED';
  const open = order.lines.some((line) => openOf(line, order) > 0);
  if (kind === 'layby') return open ? 'LAYBY' : 'LAYBY_CLOSED';
  if (kind === 'onaccount') return order.paidAtMs === null ? 'ONACCOUNT' : 'ONACCOUNT_CLOSED';
  if (kind === 'web') return open ? 'AWAITING_DISPATCH' : 'DISPATCHED_CLOSED';
  return 'CLOSED';
}

const STATES: Record<string, [string, ...string[]]> = {
  SAVED: ['parked'],
  VOIDED: ['voided'],
  CLOSED: ['closed'],
  LAYBY: ['pending', 'layby'],
  LAYBY_CLOSED: ['closed', 'layby'],
  ONACCOUNT: ['pending', 'onaccount'],
  ONACCOUNT_CLOSED: ['closed', 'onaccount'],
  AWAITING_DISPATCH: ['pending', 'delivery'],
  DISPATCHED_CLOSED: ['closed', 'delivery'],
};

interface Plain {
  id: string;
  status: string;
  outlet: string;
  placedMs: number;
  returnFor: string | null;
  returns: string[];
  number: number;
  lines: { id: string; product: string; quantity: number }[];
}

function plainOf(row: SaleRow, returns: readonly ReturnSale[]): Plain {
  if (row.kind === 'return') return plainReturn(row.made);
  const { order } = row;
  return {
    id: order.id,
    status: statusOf(order),
    outlet: order.location ?? '',
    placedMs: order.placedAtMs,
    returnFor: null,
    returns: returns.filter(({ of }) => of === order).map(({ id }) => id),
    number: order.seq,
    lines: order.lines.map((line) => ({ id: line.id, product: line.item.id, quantity: line.quantity })),
  };
}

const plainReturn = (made: ReturnSale): Plain => ({
  id: made.id,
  status: made.state === 'parked' ? 'SAVED' : 'CLOSED',
  outlet: made.of.location ?? '',
  placedMs: made.atMs,
  returnFor: made.of.id,
  returns: [],
  number: 500_000 + made.refund.seq,
  lines: made.lines.map(({ id, line, quantity: units }) => ({ id, product: line.item.id, quantity: quantity(-units) })),
});

const CUSTOMER = idOf('0af7b240-abc5-11e9-fb5c', 1);
const USER = idOf('0af7b240-abc5-11e9-fb5d', 1);
const REGISTER = idOf('0af7b240-abc5-11e9-fb5e', 1);

/** The payload of `sale.update`. */
export function hookSale(row: SaleRow, returns: readonly ReturnSale[]): Record<string, unknown> {
  const plain = plainOf(row, returns);
  return {
    id: plain.id,
    version: row.version,
    status: plain.status,
    invoice_number: String(plain.number),
    short_code: `v${plain.number}`,
    source: 'USER',
    source_id: null,
    outlet_id: plain.outlet,
    register_id: REGISTER,
    user_id: USER,
    customer_id: CUSTOMER,
    customer: { id: CUSTOMER },
    user: { id: USER },
    sale_date: seconds(plain.placedMs),
    created_at: seconds(plain.placedMs).replace('T', ' ').replace('Z', ''),
    updated_at: seconds(row.changedMs).replace('Z', '+00:00'),
    deleted_at: null,
    return_for: plain.returnFor,
    note: '',
    register_sale_products: plain.lines.map((line) => ({
      id: line.id,
      product_id: line.product,
      quantity: line.quantity,
      is_return: line.quantity < 0,
      price: PRICE,
      price_set: false,
      discount: '0.00000',
      tax: '0.00000',
      tax_total: '0.00000',
      note: null,
    })),
    register_sale_payments: [],
    taxes: [],
    totals: { total_price: PRICE, total_tax: '0.00000', total_to_pay: '0.00000' },
  };
}

/** A sale as `GET /sales` answers it. */
export function apiSale(row: SaleRow, returns: readonly ReturnSale[]): Record<string, unknown> {
  const plain = plainOf(row, returns);
  const [state, ...attributes] = STATES[plain.status]!;
  return {
    id: plain.id,
    state,
    attributes,
    source: { outlet_id: plain.outlet, register_id: REGISTER, type: 'USER', author: { id: USER } },
    return: {
      is_return: plain.returnFor !== null,
      ...(plain.returnFor !== null && { original_sale_id: plain.returnFor }),
      return_sale_ids: plain.returns,
    },
    line_items: plain.lines.map((line) => ({
      id: line.id,
      product: { id: line.product },
      quantity: line.quantity,
      status: plain.status === 'SAVED' ? 'SAVED' : 'CONFIRMED',
      return: { is_return: line.quantity < 0 },
    })),
    date: seconds(plain.placedMs),
    created_at: seconds(plain.placedMs),
    updated_at: seconds(row.changedMs),
    invoice_number: String(plain.number),
    receipt_number: String(plain.number),
    _metadata: { version: row.version },
  };
}
