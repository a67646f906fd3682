import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { ChangeLog } from '../../../platform/sandbox-kit/change-log.ts';
import { idsOf, invalid, listAnswer, notFound, pageOf } from './answers.ts';
import {
  adjustmentNode,
  fulfillmentNode,
  lineNode,
  locationNode,
  moveLineNodes,
  orderNode,
  returnNode,
  variantNode,
} from './nodes.ts';
import type { MoveRow, Stand } from './stand.ts';

type Query = URLSearchParams;

/** Everything that can be listed. Lists by change time know one order, catalogue lists another. */
export class Lists {
  private readonly lineRows = new Map<string, () => unknown>();
  private readonly moveRows = new Map<string, MoveRow>();
  private readonly moveLines = new Map<string, { row: MoveRow; of: 'fulfillment_id' | 'fulfillment_return_id' }>();

  constructor(private readonly stand: Stand) {
    stand.book.onChange((event) => {
      if (event.kind !== 'order') return;
      const { order } = event;
      for (const [position, line] of order.lines.entries())
        this.lineRows.set(line.id, () => lineNode(line, order, position));
    });
  }

  /** A shipment or return was made. */
  note(row: MoveRow, of: 'fulfillment_id' | 'fulfillment_return_id'): void {
    this.moveRows.set(String(row.id), row);
    for (const { id } of row.lines) this.moveLines.set(String(id), { row, of });
  }

  locations = (query: Query): HttpResponse => this.all('locations', this.stand.locations, locationNode, query);

  variants(query: Query): HttpResponse {
    const { items } = this.stand.book.shelves;
    const ids = idsOf(query);
    const wanted = ids ? [...ids].flatMap((one) => this.stand.book.shelves.itemById(one) ?? []) : items;
    return this.all('variants', wanted, variantNode, query);
  }

  order(id: string): HttpResponse {
    const order = this.stand.book.order(id);
    return order ? jsonResponse(200, { order: orderNode(order, this.stand) }) : notFound();
  }

  orders(query: Query): HttpResponse {
    const ids = idsOf(query);
    const node = (order: Parameters<typeof orderNode>[0]) => orderNode(order, this.stand);
    if (!ids) return this.changed('orders', this.stand.book.changedOrders, node, query);
    return this.all(
      'orders',
      [...ids].flatMap((one) => this.stand.book.order(one) ?? []),
      node,
      query,
    );
  }

  orderLines(query: Query): HttpResponse {
    const ids = idsOf(query) ?? new Set<string>();
    const rows = [...ids].flatMap((one) => this.lineRows.get(one) ?? []);
    return this.all('order_line_items', rows, (row) => row(), query);
  }

  /** Recorded lists bring the line items along. */
  fulfillments(query: Query): HttpResponse {
    const beside = (rows: MoveRow[]) => ({
      fulfillment_line_items: rows.flatMap((row) => moveLineNodes(row, 'fulfillment_id')),
    });
    return this.moves('fulfillments', this.stand.fulfillments, fulfillmentNode, query, beside);
  }

  returns = (query: Query): HttpResponse =>
    this.moves('fulfillment_returns', this.stand.returns, returnNode, query, () => ({}));

  moveLineItems(resource: string, query: Query): HttpResponse {
    const ids = idsOf(query) ?? new Set<string>();
    const rows = [...ids].flatMap((one) => {
      const found = this.moveLines.get(one);
      return found ? moveLineNodes(found.row, found.of).filter(({ id }) => String(id) === one) : [];
    });
    return this.all(resource, rows, (row) => row, query);
  }

  adjustments(query: Query): HttpResponse {
    const sinceMs = Date.parse(query.get('updated_at_min') ?? '1970-01-01T00:00:00Z');
    const place = query.get('stock_location_id');
    const rows = this.stand.adjustments.filter(
      (row) => row.atMs >= sinceMs && (place === null || row.location === place),
    );
    return this.all('stock_adjustments', rows, adjustmentNode, query);
  }

  private moves(
    resource: string,
    log: ChangeLog<MoveRow>,
    node: (row: MoveRow) => unknown,
    query: Query,
    beside: (rows: MoveRow[]) => Record<string, unknown[]>,
  ): HttpResponse {
    const ids = idsOf(query);
    if (!ids) return this.changed(resource, log, node, query, beside);
    const rows = [...ids].flatMap((one) => this.moveRows.get(one) ?? []);
    return this.all(resource, rows, node, query, beside);
  }

  private all<T>(
    resource: string,
    rows: readonly T[],
    node: (row: T) => unknown,
    query: Query,
    beside: (rows: T[]) => Record<string, unknown[]> = () => ({}),
  ): HttpResponse {
    const { limit, offset } = pageOf(query);
    const some = rows.slice(offset, offset + limit);
    return listAnswer(resource, { items: some.map(node), total: rows.length, limit, offset }, beside(some));
  }

  private changed<T extends object>(
    resource: string,
    log: ChangeLog<T>,
    node: (row: T) => unknown,
    query: Query,
    beside: (rows: T[]) => Record<string, unknown[]> = () => ({}),
  ): HttpResponse {
    const text = query.get('updated_at_min');
    const sinceMs = text === null ? undefined : Date.parse(text);
    if (sinceMs !== undefined && Number.isNaN(sinceMs)) return invalid('updated_at_min', 'is not a time');
    const { limit, offset } = pageOf(query);
    // Without an order it is the newest first, as in the vendor's recordings.
    const newestFirst = query.get('order') !== 'updated_at ASC';
    const { items, total } = log.page({ ...(sinceMs !== undefined && { sinceMs }), offset, limit, newestFirst });
    return listAnswer(resource, { items: items.map(node), total, limit, offset }, beside(items));
  }
}
