import { quantity } from '../../../domain/quantity.ts';
import { asUtc, localTime, utcMs } from '../../../platform/local-time.ts';
import { availableOf, openOf, type StockItem, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { type Company, isCashSale, itemNotes, SUBSIDIARY, TIME_ZONE, type Transaction } from './company.ts';
import type { Hints, SqlRow, Tables } from './sql.ts';

const flag = (value: boolean | undefined): string => (value ? 'T' : 'F');
const number = (value: string): number => Number(value);

/** The tables behind SuiteQL, over the company's book. */
export function tablesOf(company: Company): Tables {
  const { book } = company;
  const items = (hints: Hints, column: string): readonly StockItem[] => {
    const ids = hints.equal.get(column);
    return ids ? ids.flatMap((id) => book.shelves.itemById(String(id)) ?? []) : book.shelves.items;
  };
  return {
    location: () =>
      company.locations.map(({ id, name, active }) => ({
        id: number(id),
        name,
        isinactive: flag(!active),
        subsidiary: number(SUBSIDIARY),
      })),
    item: (hints) => items(hints, 'id').map(itemRow),
    aggregateitemlocation: (hints) =>
      items(hints, 'item').flatMap((item) =>
        item.tracked
          ? item.levels.map((level) => ({
              item: number(item.id),
              location: number(level.location),
              quantityonhand: level.onHand,
              quantityavailable: availableOf(level),
              quantitycommitted: level.committed,
            }))
          : [],
      ),
    transaction: (hints) => transactions(company, hints).map(headRow),
    transactionline: (hints) => {
      const isHead = hints.equal.get('mainline')?.[0] === 'T';
      return lineOwners(company, hints).flatMap((one) => (isHead ? [headLine(one)] : lineRows(one)));
    },
  };
}

function itemRow(item: StockItem): SqlRow {
  const notes = itemNotes(item);
  return {
    id: number(item.id),
    itemid: item.sku,
    fullname: item.sku,
    displayname: item.title,
    upccode: null,
    externalid: null,
    itemtype: itemType(item),
    isinactive: flag(notes.inactive),
    islotitem: flag(notes.lot),
    isserialitem: flag(notes.serial),
    usebins: flag(notes.bins),
  };
}

const itemType = (item: StockItem): string => (itemNotes(item).kit ? 'Kit' : item.tracked ? 'InvtPart' : 'NonInvtPart');

function transactions(company: Company, { equal, from }: Hints): Transaction[] {
  const ids = equal.get('id');
  if (ids) return ids.flatMap((id) => company.byId.get(Number(id)) ?? []);
  const since = from.get('lastmodifieddate');
  // An hour earlier, for the hour that comes twice: the WHERE itself looks at what is printed.
  const sinceMs =
    typeof since === 'string' && !Number.isNaN(asUtc(since)) ? utcMs(since, TIME_ZONE) - 3_600_000 : undefined;
  return company.byChange.page({ sinceMs, limit: Number.MAX_SAFE_INTEGER }).items;
}

function lineOwners(company: Company, { equal, either }: Hints): Transaction[] {
  const made = (id: string | number) => company.madeFrom.get(Number(id)) ?? [];
  const own = (id: string | number) => company.byId.get(Number(id)) ?? [];
  const wanted = either
    ? either.flatMap(({ column, value }) => (column === 'createdfrom' ? made(value) : own(value)))
    : (equal.get('transaction')?.flatMap(own) ?? [...company.byId.values()]);
  return [...new Set(wanted)].filter(({ id }) => company.byId.has(id));
}

const times = new Map<number, string>();

/** Every page of a feed prints the same few thousand seconds again. */
function printedTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  let text = times.get(second);
  if (text === undefined) {
    if (times.size > 50_000) times.clear();
    text = localTime(second * 1000, TIME_ZONE);
    times.set(second, text);
  }
  return text;
}

function headRow(transaction: Transaction): SqlRow {
  const { id, type, createdMs, changedMs, externalId } = transaction;
  return {
    id,
    type,
    status: statusOf(transaction),
    lastmodifieddate: printedTime(changedMs),
    createddate: printedTime(createdMs),
    externalid: externalId,
  };
}

function statusOf({ source, type }: Transaction): string {
  if (type === 'ItemShip') return 'C';
  if (source.of !== 'order' || type !== 'SalesOrd') return '';
  const { order } = source;
  if (order.cancelledAtMs !== null) return order.fulfilments.length > 0 ? 'H' : 'C';
  if (order.paidAtMs === null) return 'A';
  if (order.fulfilments.length === 0) return 'B';
  return order.lines.every((line) => openOf(line, order) === 0) ? 'F' : 'D';
}

const lineRow = ({ id, createdFrom }: Transaction, index: number, more: Partial<SqlRow>): SqlRow => ({
  transaction: id,
  uniquekey: id * 1000 + index,
  createdfrom: createdFrom?.id ?? null,
  item: null,
  location: null,
  quantity: null,
  quantityshiprecv: null,
  quantitycommitted: null,
  isclosed: 'F',
  isinventoryaffecting: 'F',
  iscogs: 'F',
  mainline: 'F',
  taxline: 'F',
  memo: null,
  ...more,
});

/** Stands for the transaction itself. */
const headLine = (transaction: Transaction): SqlRow => lineRow(transaction, 0, { mainline: 'T' });

function lineRows(transaction: Transaction): SqlRow[] {
  const { source } = transaction;
  const line = (index: number, more: Partial<SqlRow>): SqlRow => lineRow(transaction, index, more);
  const rows = [headLine(transaction)];
  /** On the shelf and, a second time, in the cost of goods sold. */
  const moves = (
    index: number,
    item: StockItem,
    location: string,
    units: number,
    memo: string | null = null,
  ): SqlRow[] => {
    const shared = { item: number(item.id), location: number(location), memo };
    return [
      line(index, { ...shared, quantity: units, isinventoryaffecting: flag(item.tracked) }),
      line(index + 1, { ...shared, quantity: -units, iscogs: 'T' }),
    ];
  };
  if (source.of === 'order') rows.push(...orderRows(source.order).map((row) => line(row.index, row.more)));
  if (source.of === 'shipment')
    for (const [index, { line: of, quantity: units }] of source.shipment.lines.entries())
      rows.push(...moves(index * 2 + 1, of.item, source.shipment.location, -units));
  if (source.of === 'return')
    for (const [index, { line: of, quantity: units, location }] of source.refund.lines.entries())
      if (source.refund.restock && location) rows.push(...moves(index * 2 + 1, of.item, location, units));
      else rows.push(line(index * 2 + 1, { item: number(of.item.id), quantity: units }));
  if (source.of === 'adjustment')
    for (const [index, { item, location, delta, memo }] of source.lines.entries())
      rows.push(
        line(index + 1, {
          item: number(item.id),
          location: number(location),
          quantity: delta,
          isinventoryaffecting: 'T',
          memo,
        }),
      );
  // Tax has lines of its own.
  if (source.of === 'order') rows.push(line(999, { taxline: 'T' }));
  return rows;
}

/** A line of NetSuite's has one location: what comes from two is two lines. */
function orderRows(order: StockOrder): { index: number; more: Partial<SqlRow> }[] {
  const isCounter = isCashSale(order);
  return order.lines.flatMap((line, row) => {
    const item = number(line.item.id);
    if (line.parts.length === 0)
      return [{ index: row * 20 + 1, more: { item, quantity: -quantity(line.quantity - line.dropped) } }];
    return line.parts.flatMap((part, place) => {
      const { committed, fulfilled, released, writtenOff } = part;
      const kept = quantity(committed + fulfilled);
      const ordered = order.cancelledAtMs === null ? kept : quantity(kept + released + writtenOff);
      if (ordered === 0) return [];
      const more: Partial<SqlRow> = isCounter
        ? { isinventoryaffecting: flag(line.counted) }
        : {
            quantityshiprecv: fulfilled,
            quantitycommitted: committed,
            isclosed: flag(order.cancelledAtMs !== null),
          };
      return [
        { index: row * 20 + place + 1, more: { item, location: number(part.location), quantity: -ordered, ...more } },
      ];
    });
  });
}
