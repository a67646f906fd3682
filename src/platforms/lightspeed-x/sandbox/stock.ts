import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { availableOf, type Router, type StockLevel } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import { invalid, listAnswer, refusal, wholeOf } from './answers.ts';
import {
  type AdjustmentRow,
  idOf,
  productNotes,
  type ReasonRow,
  type Store,
  seconds,
  type Versioned,
} from './store.ts';

const NEGATIVE = ['DAMAGE', 'EXPIRY', 'INTERNAL_USE', 'THEFT', 'DONATION'];
const POSITIVE = ['STOCK_FOUND', 'SAMPLE_FOR_SALE'];
const ADJUSTMENTS_MAX = 1_000;

/** Levels, adjustments and the reasons for them. */
export function stockRoutes(store: Store, router: Router, base: string): void {
  router
    .on('POST', `${base}/inventory`, (routed) => inventory(store, record(routed.json()) ?? {}))
    .on('POST', `${base}/inventory_levels`, (routed) => inventoryLevels(store, record(routed.json()) ?? {}))
    .on('GET', `${base}/stock_adjustments`, ({ query }) =>
      versioned(store.adjustments, query, 100, 1_000, adjustmentJson),
    )
    .on('POST', `${base}/stock_adjustments`, (routed) => adjust(store, record(routed.json()) ?? {}))
    .on('GET', `${base}/custom_inventory_adjustment_reasons`, ({ query }) =>
      versioned(store.reasons, query, 100, 100, (row) => row),
    )
    .on('POST', `${base}/custom_inventory_adjustment_reasons`, (routed) =>
      makeReason(store, record(routed.json()) ?? {}),
    )
    .on('PUT', `${base}/custom_inventory_adjustment_reasons/{id}`, ({ params, json }) => {
      const found = store.reasons.find(({ id }) => id === params['id']);
      const body = record(json()) ?? {};
      if (!found) return invalid('custom_reason_id is unknown.');
      if (typeof body['enabled'] === 'boolean') found.enabled = body['enabled'];
      return jsonResponse(200, { data: found });
    });
}

function versioned<T extends { version: number }>(
  rows: readonly T[],
  query: URLSearchParams,
  standard: number,
  max: number,
  json: (row: T) => unknown,
): HttpResponse {
  const size = wholeOf(query.get('page_size'), standard, max);
  const after = Number(query.get('after') ?? 0);
  const before = Number(query.get('before') ?? Number.POSITIVE_INFINITY);
  if (size === undefined || Number.isNaN(after) || Number.isNaN(before))
    return refusal(400, 'bad_request', 'page_size, after or before is not valid.');
  const found = rows.filter(({ version }) => version > after && version < before).sort((a, b) => a.version - b.version);
  return listAnswer(found.slice(0, size).map((row) => ({ version: row.version, json: json(row) })));
}

const isListed = ({ item }: StockLevel): boolean =>
  item.tracked && !productNotes(item).composite && productNotes(item).deletedAtMs === undefined;

function inventory(store: Store, body: Record<string, unknown>): HttpResponse {
  const size = wholeOf(body['size'], 1_000, 5_000);
  const after = wholeOf(body['after'], 0, Number.MAX_SAFE_INTEGER);
  if (size === undefined || after === undefined) return refusal(400, 'bad_request', 'size or after is not valid.');
  const newestFirst = body['sort_direction'] !== 'asc';
  const rows: unknown[] = [];
  for (let offset = 0; rows.length < size; offset += size) {
    const { items } = store.levels.page({ afterMs: after, offset, limit: size, newestFirst });
    for (const entry of items) if (isListed(entry.of) && rows.length < size) rows.push(inventoryJson(entry));
    if (items.length < size) break;
  }
  return jsonResponse(200, rows);
}

const inventoryJson = ({ of: level, version }: Versioned<StockLevel>) => ({
  id: `${level.item.id}-${level.location}`,
  product_id: level.item.id,
  outlet_id: level.location,
  current_inventory_level: availableOf(level),
  quantity_to_procure: level.committed,
  average_cost: 10,
  reorder_point: null,
  reorder_amount: null,
  reorder_target: null,
  reorder_method: null,
  deleted_at: null,
  version,
});

function inventoryLevels(store: Store, body: Record<string, unknown>): HttpResponse {
  const size = wholeOf(body['size'], 100, 10_000);
  const offset = wholeOf(body['offset'], 0, Number.MAX_SAFE_INTEGER);
  const list = (name: string) => body[name] as string[] | undefined;
  const tooMany = ['product_ids', 'location_ids'].some((name) => (list(name)?.length ?? 0) > 1_000);
  if (size === undefined || offset === undefined || tooMany)
    return refusal(400, 'bad_request', 'Too many or not valid.');
  const products = list('product_ids');
  const items = products ? products.flatMap((id) => store.book.shelves.itemById(id) ?? []) : store.book.shelves.items;
  const levels = items
    .flatMap((item) => item.levels)
    .filter((level) => isListed(level) && (list('location_ids')?.includes(level.location) ?? true));
  return jsonResponse(
    200,
    levels.slice(offset, offset + size).map((level) => ({
      product_id: level.item.id,
      root_product_id: level.item.id,
      location_id: level.location,
      current_inventory_level: availableOf(level),
      quantity_to_procure: level.committed,
      name: level.item.title,
      average_cost: 10,
      total_cost: 10 * Math.max(0, availableOf(level)),
    })),
  );
}

interface GoodRow {
  level: StockLevel;
  delta: number;
  reason: string;
  custom?: string;
}

/** Whole or not at all, as far as anybody knows. */
function adjust(store: Store, body: Record<string, unknown>): HttpResponse {
  const rows = body['stock_adjustments'];
  if (!Array.isArray(rows) || rows.length < 1 || rows.length > ADJUSTMENTS_MAX)
    return refusal(400, 'bad_request', `stock_adjustments takes 1 to ${ADJUSTMENTS_MAX} items.`);
  const good: GoodRow[] = [];
  for (const row of rows) {
    const read = readRow(store, record(row) ?? {});
    if ('status' in read) return read;
    good.push(read);
  }
  return jsonResponse(201, { data: good.map((row) => adjustmentJson(write(store, row))) });
}

function readRow(store: Store, row: Record<string, unknown>): GoodRow | HttpResponse {
  const { product_id, outlet_id, quantity, reason, custom_inventory_adjustment_reason_id: custom } = row;
  if (
    typeof quantity !== 'string' ||
    quantity.length > 32 ||
    !/^-?\d+(\.\d+)?$/.test(quantity) ||
    Number(quantity) === 0
  )
    return invalid('quantity must be a numeric string.');
  const item = store.book.shelves.itemById(String(product_id));
  const outlet = store.outlets.find(({ id }) => id === outlet_id);
  const level = item && outlet && store.book.shelves.level(item, outlet.id);
  if (!level || productNotes(item).deletedAtMs !== undefined) return invalid('product_id or outlet_id does not exist.');
  if (outlet.deletedAtMs !== undefined) return invalid('The outlet is closed.');
  if (!item.tracked || productNotes(item).composite) return invalid('The product does not track inventory.');
  const sign = Number(quantity) < 0 ? 'NEGATIVE' : 'POSITIVE';
  if (reason === 'CUSTOM') {
    const known = store.reasons.find(({ id }) => id === custom);
    if (!known?.enabled || known.type !== sign) return invalid('custom_inventory_adjustment_reason_id does not fit.');
  } else if (custom !== undefined || !(sign === 'NEGATIVE' ? NEGATIVE : POSITIVE).includes(String(reason)))
    return invalid('reason does not fit.');
  return {
    level,
    delta: Number(quantity),
    reason: String(reason),
    ...(reason === 'CUSTOM' && { custom: String(custom) }),
  };
}

function write(store: Store, { level, delta, reason, custom }: GoodRow): AdjustmentRow {
  const made: AdjustmentRow = {
    id: idOf('0af7b240-abc5-11e9-fbbb', store.adjustments.length + 1),
    version: store.next(),
    level,
    quantity: String(delta),
    reason,
    ...(custom !== undefined && { customReason: custom }),
    atMs: store.options.clock.now(),
  };
  store.adjustments.push(made);
  store.book.write(level, { delta }, 'write', { reference: made.id });
  return made;
}

const adjustmentJson = (row: AdjustmentRow) => ({
  id: row.id,
  user_id: idOf('0af7b240-abc5-11e9-fb5d', 1),
  product_id: row.level.item.id,
  outlet_id: row.level.location,
  quantity: row.quantity,
  reason: row.reason,
  ...(row.customReason !== undefined && { custom_inventory_adjustment_reason_id: row.customReason }),
  created_at: seconds(row.atMs),
  updated_at: seconds(row.atMs),
  version: row.version,
});

function makeReason(store: Store, { name, enabled, type }: Record<string, unknown>): HttpResponse {
  if (typeof name !== 'string' || name === '' || name.length > 30) return invalid('name takes 1 to 30 characters.');
  if (typeof enabled !== 'boolean' || (type !== 'POSITIVE' && type !== 'NEGATIVE'))
    return invalid('enabled or type is not valid.');
  if (store.reasons.some((one) => one.name === name)) return refusal(409, 'conflict', 'The name is taken.');
  const made: ReasonRow = {
    id: idOf('0af7b240-abc5-11e9-fbcc', store.reasons.length + 1),
    version: store.next(),
    name,
    enabled,
    type,
  };
  store.reasons.push(made);
  return jsonResponse(200, { data: made });
}
