import { type Quantity, quantity } from '../../../domain/quantity.ts';
import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { availableOf, type Routed, type StockItem, type StockLevel } from '../../../platform/sandbox-kit/index.ts';
import { OCAPI_PATH, record } from '../api.ts';
import { fault, iso, type Realm } from './realm.ts';

const COUNT = 25;
const COUNT_MAX = 200;
const HOURS_48_MS = 48 * 3_600_000;

interface Notes {
  allocation: Quantity;
  resetMs: number;
  /** What orders took and gave back since, with their times: those before a reset expire. */
  turnover: { atMs: number; units: Quantity }[];
  presold: Quantity;
}

/** The inventory lists of an instance, by OCAPI: allocations, and the turnover of orders since they were set. */
export class InventoryLists {
  private readonly notes = new Map<StockLevel, Notes>();
  private readonly missing = new Set<StockLevel>();
  /** An import job has locked the list. */
  locked = false;

  constructor(private readonly realm: Realm) {
    const { router, book } = realm;
    const lists = `${OCAPI_PATH}/inventory_lists`;
    const one = `${lists}/{list}/product_inventory_records/{product}`;
    router
      .on('GET', lists, (routed) => this.pageOf(routed, [...realm.options.locations], (list) => this.listNode(list)))
      .on('GET', `${lists}/{list}`, (routed) => {
        const list = this.list(routed);
        return list ? jsonResponse(200, this.listNode(list)) : NO_LIST;
      })
      .on('GET', `${lists}/{list}/product_inventory_records`, (routed) => this.records(routed))
      .on('GET', one, (routed) => this.withLevel(routed, (level) => jsonResponse(200, this.node(level))))
      .on('PATCH', one, (routed) => this.withLevel(routed, (level) => this.patch(level, routed)));
    book.onChange((event) => {
      if (event.kind !== 'level' || event.cause === 'write' || event.cause === 'edit') return;
      const units = quantity(event.before - availableOf(event.level));
      if (units !== 0) this.of(event.level).turnover.push({ atMs: event.level.changedAtMs, units });
    });
  }

  private of(level: StockLevel): Notes {
    const known = this.notes.get(level);
    if (known) return known;
    const made = { allocation: availableOf(level), resetMs: 0, turnover: [], presold: 0 };
    this.notes.set(level, made);
    return made;
  }

  /** Staff set a level in Business Manager: an allocation like any other, as of now. */
  edit(level: StockLevel, available: Quantity): void {
    const notes = this.of(level);
    Object.assign(notes, { allocation: available, resetMs: this.realm.options.clock.now(), turnover: [] });
    this.realm.book.edit(level, available);
  }

  /** The list has no record of this product. */
  forget(level: StockLevel): void {
    this.missing.add(level);
  }

  private list(routed: Routed) {
    return this.realm.options.locations.find(({ id }) => id === routed.params['list']);
  }

  private withLevel(routed: Routed, work: (level: StockLevel) => HttpResponse): HttpResponse {
    const list = this.list(routed);
    if (!list) return NO_LIST;
    const item = this.realm.book.shelves.item(routed.params['product']!);
    const level = item && this.realm.book.shelves.level(item, list.id);
    if (level && !this.missing.has(level)) return work(level);
    return fault(
      404,
      'ProductInventoryRecordNotFoundException',
      `No inventory record for ${routed.params['product']}.`,
    );
  }

  private records(routed: Routed): HttpResponse {
    const list = this.list(routed);
    if (!list) return NO_LIST;
    const levels = this.realm.book.shelves.items.flatMap((item: StockItem) => {
      const level = this.realm.book.shelves.level(item, list.id);
      return level && !this.missing.has(level) ? [level] : [];
    });
    return this.pageOf(routed, levels, (level) => this.node(level));
  }

  private pageOf<Row>(routed: Routed, rows: Row[], node: (row: Row) => unknown): HttpResponse {
    const start = Number(routed.query.get('start') ?? 0);
    const count = Number(routed.query.get('count') ?? COUNT);
    if (!Number.isInteger(start) || start < 0 || !Number.isInteger(count) || count < 1 || count > COUNT_MAX)
      return fault(400, 'MalformedParameterException', `count must be 1 to ${COUNT_MAX}.`);
    const data = rows.slice(start, start + count).map(node);
    return jsonResponse(200, { _v: '25.6', count: data.length, data, start, total: rows.length });
  }

  private listNode({ id, name }: { id: string; name: string }) {
    return { id, description: name, default_in_stock: false, on_order_inventory_enabled: false };
  }

  private node(level: StockLevel) {
    const { allocation, resetMs, presold } = this.of(level);
    const ats = availableOf(level);
    return {
      product_id: level.item.sku,
      product_name: level.item.title,
      inventory_list_id: level.location,
      allocation: { amount: Math.max(0, allocation), ...(resetMs > 0 && { reset_date: iso(resetMs) }) },
      ats: quantity(ats + presold),
      stock_level: ats,
      inventory_turnover: quantity(allocation - ats),
      quantity_on_order: 0,
      perpetual_flag: !level.item.tracked,
      pre_order_back_order_handling: presold > 0 ? 'preorder' : 'none',
      pre_order_back_order_allocation: presold,
    };
  }

  /** Opens units for pre-order, on top of the allocation. */
  presell(level: StockLevel, units: Quantity): void {
    this.of(level).presold = units;
  }

  private patch(level: StockLevel, routed: Routed): HttpResponse {
    if (this.locked) return fault(409, 'ConflictException', 'The inventory list is being imported.');
    const allocation = record(record(routed.json())?.['allocation']);
    const amount = allocation?.['amount'];
    if (typeof amount !== 'number' || amount < 0)
      return fault(400, 'InvalidPropertyValueException', 'The value of allocation.amount is invalid.');
    const nowMs = this.realm.options.clock.now();
    const told = allocation?.['reset_date'];
    const resetMs = told === undefined ? nowMs : Date.parse(String(told));
    const notes = this.of(level);
    if (Number.isNaN(resetMs) || resetMs < notes.resetMs || resetMs < nowMs - HOURS_48_MS)
      return fault(400, 'InvalidPropertyValueException', 'The value of allocation.reset_date is older than the last.');
    notes.turnover = notes.turnover.filter(({ atMs }) => atMs >= resetMs);
    Object.assign(notes, { allocation: amount, resetMs });
    const since = notes.turnover.reduce((sum, { units }) => quantity(sum + units), 0);
    this.realm.book.write(level, { available: quantity(amount - since) });
    return jsonResponse(200, this.node(level));
  }
}

const NO_LIST = fault(404, 'InventoryListNotFoundException', 'No such inventory list.');
