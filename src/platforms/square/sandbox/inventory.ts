import { createHash } from 'node:crypto';
import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { availableOf, type StockItem, type StockLevel } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import { splitsLocations } from '../config.ts';
import { BAD_CURSOR, invalid, iso, limitOf, notFound, pageCursor, positionOf, textList } from './answers.ts';
import { type ChangeRow, changeNode } from './history.ts';
import { isTrackedAt, itemNotes, type Seller } from './seller.ts';
import { type GoodChange, judgeChange } from './write-rules.ts';

const CHANGES_MAX = 100;
/** Answers kept for repeats. Square's keys do not seem to expire; this many calls are enough for that here. */
const ANSWERS_KEPT = 5_000;

function countNode(level: StockLevel): Record<string, unknown> {
  return {
    catalog_object_id: level.item.id,
    catalog_object_type: 'ITEM_VARIATION',
    state: 'IN_STOCK',
    location_id: level.location,
    quantity: String(availableOf(level)),
    calculated_at: iso(level.changedAtMs),
  };
}

/** Counts and history of one account, and the only way to change them from outside. */
export class Inventory {
  private readonly answers = new Map<string, { body: string; response: HttpResponse }>();

  constructor(private readonly seller: Seller) {}

  counts(body: Record<string, unknown>): HttpResponse {
    const query = this.query(body);
    if ('status' in query) return query;
    const { items, locations, afterMs, position, limit, states } = query;
    if (states && !states.includes('IN_STOCK')) return jsonResponse(200, {});
    const found: { level: StockLevel; place: number }[] = [];
    let more = false;
    for (const item of items ?? this.seller.book.shelves.items) {
      if (itemNotes(item).deleted || itemNotes(item).convertedFrom !== undefined) continue;
      for (const [slot, level] of item.levels.entries()) {
        const place = item.seq * 1_000 + slot;
        if (place <= (position?.['place'] ?? 0) || (locations && !locations.includes(level.location))) continue;
        if (!isTrackedAt(item, level.location) || Math.floor(level.changedAtMs) <= afterMs) continue;
        if (found.length === limit) more = true;
        else found.push({ level, place });
      }
      if (more) break;
    }
    const cursor = more ? pageCursor(query.key, { place: found.at(-1)!.place }) : undefined;
    return jsonResponse(200, {
      ...(found.length > 0 && { counts: found.map(({ level }) => countNode(level)) }),
      ...(cursor && { cursor }),
    });
  }

  /** All places of one variation. */
  count(id: string, locations: string[] | null): HttpResponse {
    const item = this.seller.book.shelves.itemById(id);
    if (!item || itemNotes(item).deleted) return notFound(`Catalog object with ID ${id} not found.`);
    const levels = item.levels.filter(
      (one) => isTrackedAt(item, one.location) && (!locations || locations.includes(one.location)),
    );
    return jsonResponse(200, levels.length > 0 ? { counts: levels.map(countNode) } : {});
  }

  changes(body: Record<string, unknown>, version: string): HttpResponse {
    const query = this.query(body);
    if ('status' in query) return query;
    const types = textList(body['types']) ?? ['PHYSICAL_COUNT', 'ADJUSTMENT'];
    const before =
      body['updated_before'] === undefined ? Number.POSITIVE_INFINITY : Date.parse(String(body['updated_before']));
    const wanted = (row: ChangeRow) =>
      types.includes(row.type) &&
      (!query.locations || query.locations.includes(row.location)) &&
      (!query.states ||
        row.type !== 'ADJUSTMENT' ||
        query.states.some((state) => state === row.fromState || state === row.toState)) &&
      Math.floor(row.createdMs) > query.afterMs &&
      row.createdMs < before;
    const at = query.position;
    const beyond = (row: ChangeRow) =>
      !at || row.occurredMs > at['occurredMs']! || (row.occurredMs === at['occurredMs'] && row.seq > at['seq']!);
    const rows = this.seller.history.of(query.items).filter((row) => wanted(row) && beyond(row));
    const shown = rows.slice(0, query.limit);
    const last = shown.at(-1);
    const more = rows.length > shown.length && last;
    return jsonResponse(200, {
      ...(shown.length > 0 && { changes: shown.map((row) => changeNode(row, splitsLocations(version))) }),
      ...(more && { cursor: pageCursor(query.key, { occurredMs: last.occurredMs, seq: last.seq }) }),
    });
  }

  /** `changes/batch-create`: whole or not at all; the same key gives the same answer, another body under it is refused. */
  write(body: Record<string, unknown>, version: string): HttpResponse {
    const key = body['idempotency_key'];
    if (typeof key !== 'string' || key.length < 1)
      return invalid('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', 'idempotency_key');
    if (key.length > 128) return invalid('VALUE_TOO_LONG', 'At most 128 characters.', 'idempotency_key');
    const { changes } = body;
    if (!Array.isArray(changes) || changes.length === 0)
      return invalid('ARRAY_EMPTY', 'There must be changes.', 'changes');
    if (changes.length > CHANGES_MAX)
      return invalid('ARRAY_LENGTH_TOO_LONG', `At most ${CHANGES_MAX} changes.`, 'changes');
    const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
    const known = this.answers.get(key);
    if (known)
      return known.body === hash
        ? known.response
        : invalid('IDEMPOTENCY_KEY_REUSED', 'The idempotency key was used with another request.', 'idempotency_key');
    const good: GoodChange[] = [];
    const errors: unknown[] = [];
    for (const [row, change] of changes.entries()) {
      const judged = judgeChange(change, row, version, this.seller);
      if (!('status' in judged)) good.push(judged);
      else errors.push(...((record(JSON.parse(Buffer.from(judged.body).toString()))?.['errors'] ?? []) as unknown[]));
    }
    if (errors.length > 0) return jsonResponse(400, { errors });
    const response = this.apply(good, body['ignore_unchanged_counts'] !== false, version);
    this.answers.set(key, { body: hash, response });
    if (this.answers.size > ANSWERS_KEPT) this.answers.delete(this.answers.keys().next().value!);
    return response;
  }

  private apply(changes: GoodChange[], ignoresUnchanged: boolean, version: string): HttpResponse {
    const { history, options } = this.seller;
    const rows: ChangeRow[] = [];
    for (const change of changes) {
      const { level } = change;
      const row = {
        ...change,
        item: level.item,
        location: level.location,
        createdMs: options.clock.now(),
        source: { product: 'EXTERNAL_API', name: 'Onhand' },
      };
      if (change.type === 'ADJUSTMENT') {
        const delta = change.toState === 'IN_STOCK' ? change.quantity : -change.quantity;
        rows.push(history.adjust(level, delta, row));
      } else if (!ignoresUnchanged || history.lastCount(level)?.quantity !== change.quantity)
        rows.push(history.count(level, row));
    }
    const levels = new Set(changes.map(({ level }) => level));
    return jsonResponse(200, {
      errors: [],
      counts: [...levels].map(countNode),
      changes: rows.map((row) => changeNode(row, splitsLocations(version))),
    });
  }

  private query(body: Record<string, unknown>) {
    const ids = textList(body['catalog_object_ids']);
    const locations = textList(body['location_ids']);
    const states = textList(body['states']);
    if (ids === undefined || locations === undefined || states === undefined)
      return invalid('EXPECTED_ARRAY', 'Expected a list.', 'catalog_object_ids');
    const limit = limitOf(body['limit'], 100, 1_000);
    if (limit === undefined) return invalid('INVALID_VALUE', 'limit must be 1 to 1000.', 'limit');
    const after = body['updated_after'] ?? '1970-01-01T00:00:00Z';
    const afterMs = typeof after === 'string' ? Date.parse(after) : Number.NaN;
    if (Number.isNaN(afterMs)) return invalid('INVALID_TIME', 'updated_after is no RFC 3339 time.', 'updated_after');
    const key = { ids, locations, states, afterMs, types: body['types'] ?? null };
    const position = positionOf(body['cursor'], key);
    if (position === undefined) return BAD_CURSOR;
    const items: StockItem[] | null = ids
      ? [...new Set(ids)].flatMap((id) => this.seller.book.shelves.itemById(id) ?? []).sort((a, b) => a.seq - b.seq)
      : null;
    return { items, locations, states, afterMs, position, limit, key };
  }
}
