import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { record } from '../api.ts';
import { BAD_CURSOR, invalid, limitOf, notFound, pageCursor, positionOf, textList } from './answers.ts';
import { orderNode, paymentNode, refundNode, stateOf } from './order-nodes.ts';
import { type OrderRow, paymentId, type Seller } from './seller.ts';

const LOCATIONS_MAX = 10;

export function retrieveOrder(id: string, seller: Seller): HttpResponse {
  const row = seller.rowOf.get(id);
  return row ? jsonResponse(200, { order: orderNode(row, seller) }) : notFound(`Order not found for id ${id}`);
}

/** Orders that are not known are left out without a word. */
export function retrieveOrders(body: Record<string, unknown>, seller: Seller): HttpResponse {
  const ids = textList(body['order_ids']);
  if (!ids || ids.length === 0 || ids.length > 100)
    return invalid('INVALID_VALUE', 'order_ids must hold 1 to 100 ids.', 'order_ids');
  const rows = ids.flatMap((id) => seller.rowOf.get(id) ?? []);
  return jsonResponse(200, rows.length > 0 ? { orders: rows.map((row) => orderNode(row, seller)) } : {});
}

export function retrievePayment(id: string, seller: Seller): HttpResponse {
  const order = seller.book.orders.find((one) => one.paidAtMs !== null && paymentId(one) === id);
  return order
    ? jsonResponse(200, { payment: paymentNode(order, 'COMPLETED', seller) })
    : notFound(`Could not find payment with id: ${id}`);
}

export function retrieveRefund(id: string, seller: Seller): HttpResponse {
  for (const row of seller.rowOf.values()) {
    if (row.kind !== 'return') continue;
    const refund = refundNode(row.made, 'COMPLETED', seller);
    if (refund['id'] === id) return jsonResponse(200, { refund });
  }
  return notFound(`Could not find refund with id: ${id}`);
}

const placeOf = (row: OrderRow): string => (row.kind === 'sale' ? row.order.location! : row.made.source.location!);
const stateOfRow = (row: OrderRow): string => (row.kind === 'sale' ? stateOf(row.order) : 'COMPLETED');

/** `POST /v2/orders/search` by change time: the one order the stand-in keeps its list in. */
export function searchOrders(body: Record<string, unknown>, seller: Seller): HttpResponse {
  const locations = textList(body['location_ids']);
  if (!locations || locations.length === 0)
    return invalid('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', 'location_ids');
  if (locations.length > LOCATIONS_MAX)
    return invalid('ARRAY_LENGTH_TOO_LONG', `At most ${LOCATIONS_MAX} locations.`, 'location_ids');
  const stranger = locations.find((id) => !seller.locations.some((place) => place.id === id));
  if (stranger !== undefined)
    return invalid('INVALID_VALUE', `Location ${stranger} is not one of the merchant.`, 'location_ids');
  const limit = limitOf(body['limit'], 500, 1_000);
  if (limit === undefined) return invalid('INVALID_VALUE', 'limit must be 1 to 1000.', 'limit');
  const range = rangeOf(record(body['query']));
  if ('status' in range) return range;
  const query = { locations, range, limit };
  const position = positionOf(body['cursor'], query);
  if (position === undefined) return BAD_CURSOR;

  const found: OrderRow[] = [];
  let afterMs = position?.['afterMs'];
  for (let some = limit; some === limit && found.length <= limit; ) {
    const { items } = seller.rows.page({ sinceMs: range.sinceMs, afterMs, untilMs: range.untilMs, limit });
    some = items.length;
    afterMs = items.at(-1)?.updatedAtMs ?? afterMs;
    found.push(
      ...items.filter(
        (row) => locations.includes(placeOf(row)) && (!range.states || range.states.includes(stateOfRow(row))),
      ),
    );
  }
  const shown = found.slice(0, limit);
  const more = found.length > limit;
  if (body['return_entries'] === true)
    return jsonResponse(200, {
      order_entries: shown.map((row) => ({ order_id: idOf(row), version: row.version, location_id: placeOf(row) })),
      ...(more && { cursor: pageCursor(query, { afterMs: shown.at(-1)!.updatedAtMs }) }),
    });
  return jsonResponse(200, {
    ...(shown.length > 0 && { orders: shown.map((row) => orderNode(row, seller)) }),
    ...(more && { cursor: pageCursor(query, { afterMs: shown.at(-1)!.updatedAtMs }) }),
  });
}

const idOf = (row: OrderRow): string => (row.kind === 'sale' ? row.order.id : row.made.id);

interface Range {
  sinceMs?: number;
  untilMs?: number;
  states: string[] | null;
}

/** Only what the stand-in can do is taken; the rest is refused, never passed over. */
function rangeOf(query: Record<string, unknown> | undefined): Range | HttpResponse {
  const filter = record(query?.['filter']);
  const sort = record(query?.['sort']);
  const times = record(filter?.['date_time_filter']);
  const states = textList(record(filter?.['state_filter'])?.['states']);
  if (states === undefined)
    return invalid('EXPECTED_ARRAY', 'states must be a list.', 'query.filter.state_filter.states');
  const other = Object.keys(times ?? {}).find((name) => name !== 'updated_at');
  const unknown = Object.keys(filter ?? {}).find((name) => !['date_time_filter', 'state_filter'].includes(name));
  if (other !== undefined || unknown !== undefined)
    return invalid('NOT_IMPLEMENTED', `The stand-in does not filter by ${other ?? unknown}.`, 'query.filter');
  if (times && sort?.['sort_field'] !== 'UPDATED_AT')
    return invalid('BAD_REQUEST', 'sort_field must match the date_time_filter.', 'query.sort.sort_field');
  if (sort && (sort['sort_order'] ?? 'DESC') !== 'ASC')
    return invalid('NOT_IMPLEMENTED', 'The stand-in only sorts from old to new.', 'query.sort.sort_order');
  const updated = record(times?.['updated_at']);
  const bounds: Range = { states };
  for (const [name, key] of [
    ['start_at', 'sinceMs'],
    ['end_at', 'untilMs'],
  ] as const) {
    const text = updated?.[name];
    if (text === undefined || text === null) continue;
    const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(at))
      return invalid(
        'INVALID_TIME',
        `${name} is no RFC 3339 time.`,
        `query.filter.date_time_filter.updated_at.${name}`,
      );
    bounds[key] = at;
  }
  return bounds;
}
