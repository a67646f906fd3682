import type { Doc, Line, Part } from '../../domain/document.ts';
import { type Quantity, quantity, readQuantity } from '../../domain/quantity.ts';
import { asUtc, revisionOf, utcMs } from '../../platform/local-time.ts';
import type { NetsuiteConfig } from './config.ts';
import { type DocKind, LOWERS } from './documents.ts';
import { isId, type Row } from './suiteql.ts';

const COUNTED: readonly (string | undefined)[] = ['InvtPart', 'Assembly', 'Kit'];

/** Integrations write where an order came from into its external ID: `shopify-6100`, `WOO:17`. */
function originOf(externalId: string): { source: string; id: string } {
  const [, source, id] = /^([A-Za-z][A-Za-z0-9 .]{0,40})[-_:#](.+)$/.exec(externalId) ?? [];
  return source && id ? { source, id } : { source: 'externalid', id: externalId };
}

/** @param rows of the transaction itself and, for an order, of what was made from it */
export function docOf(kind: DocKind, id: string, rows: readonly Row[], config: NetsuiteConfig): Doc {
  const own = rows.filter((row) => row['transaction'] === id);
  const head = own[0] ?? {};
  const { modified, created, type, origin } = head;
  const status = letterOf(head['status']);
  const counted = own.filter((row) => isId(row['item']) && COUNTED.includes(row['itemtype']) && row['taxline'] !== 'T');
  return {
    account: config.account,
    doc: `${kind}:${id}`,
    rev: revOf(rows, config),
    whole: true,
    ...(origin && { origin: originOf(origin) }),
    ...(type && { source: type }),
    saleAt: isoOf(created, config) ?? isoOf(modified, config) ?? '1970-01-01T00:00:00.000Z',
    state: status,
    lines:
      kind === 'order'
        ? orderLines(counted, rows, id, status, config)
        : counted.flatMap((row) => moved(row, kind, config)),
  };
}

/** The latest change of the order or of anything made from it. Two changes may share a second: the engine knows that. */
function revOf(rows: readonly Row[], { timeZone }: NetsuiteConfig): string | null {
  let latest = '';
  for (const { modified } of rows) if (modified && !(asUtc(modified) <= asUtc(latest))) latest = modified;
  return revisionOf(latest, timeZone);
}

/** `SalesOrd:B` in some accounts and versions, `B` in others. */
const letterOf = (status: string | undefined): string => status?.split(':').at(-1)?.trim() ?? '';

function isoOf(local: string | undefined, config: NetsuiteConfig): string | undefined {
  const ms = utcMs(local ?? '', config.timeZone);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

const units = (text: string | undefined): Quantity => readQuantity(text ?? '0');

/** Sold units of a line, whatever the sign that this account prints sales with; negative for what an exchange takes back. */
const sold = (row: Row, config: NetsuiteConfig): Quantity =>
  quantity((config.salesQuantities === 'negative' ? -1 : 1) * units(row['quantity']));

/** What one line of a sale or a return of its own did to the shelf; nothing where NetSuite says that it did nothing. */
function moved(row: Row, kind: DocKind, config: NetsuiteConfig): Line[] {
  if (row['isinventoryaffecting'] !== 'T') return [];
  const out = kind === 'sale' ? sold(row, config) : -Math.abs(units(row['quantity']));
  const part = { location: place(row), committed: 0, out, returned: 0, taken: out };
  return [{ line: row['uniquekey'] ?? '', listing: row['item']!, parts: [part] }];
}

const place = (row: Row): string | null => {
  const at = row['location'];
  return isId(at) ? at : null;
};

interface OrderLine {
  row: Row;
  ordered: Quantity;
  parts: Map<string | null, Part>;
  gone: Quantity;
}

/**
 * An order's lines: what is open at the line's own place, what is gone where it left from.
 *
 * Gone is the sum of what moved stock for this order, not the running total on the line: a total counts a fulfilment that
 * is picked and not shipped. Those rows name item and place, and no line that can be relied on, so they are dealt out: to a
 * line of that item as far as its own total goes, then as far as its quantity goes, and the rest to the last one.
 * A kit is shipped as its members; its own total is all there is.
 */
function orderLines(own: Row[], rows: readonly Row[], id: string, status: string, config: NetsuiteConfig): Line[] {
  const lines = own.map(
    (row): OrderLine => ({ row, ordered: Math.max(0, sold(row, config)), parts: new Map(), gone: 0 }),
  );
  const left = rows.filter(
    (row) =>
      row['transaction'] !== id &&
      LOWERS.includes(row['type'] ?? '') &&
      row['isinventoryaffecting'] === 'T' &&
      isId(row['item']),
  );
  for (const row of left) deal(row, lines, config);
  // Closed, cancelled, or not approved yet: nothing is promised. NetSuite commits nothing for it either.
  const isOpen = !['A', 'C', 'H'].includes(status);
  return lines.map(({ row, ordered, parts, gone }) => {
    const isKit = row['itemtype'] === 'Kit';
    if (isKit) {
      gone = Math.min(ordered, Math.abs(units(row['quantityshiprecv'])));
      add(parts, place(row), { out: gone });
    }
    const open = isOpen && row['isclosed'] !== 'T' ? Math.max(0, quantity(ordered - gone)) : 0;
    // Only what is allocated lowers what NetSuite shows as available; back-ordered units do not.
    const allocated = isKit ? open : Math.min(open, Math.abs(units(row['quantitycommitted'])));
    add(parts, place(row), { committed: open, taken: allocated });
    return { line: row['uniquekey'] ?? '', listing: row['item']!, parts: [...parts.values()] };
  });
}

function deal(row: Row, lines: OrderLine[], config: NetsuiteConfig): void {
  let rest = sold(row, config);
  const same = lines.filter((line) => line.row['item'] === row['item']);
  // Lines at the place where it left from come first.
  const near = [...same].sort((a, b) => Number(place(b.row) === place(row)) - Number(place(a.row) === place(row)));
  const give = (line: OrderLine, share: Quantity) => {
    if (share <= 0) return;
    line.gone = quantity(line.gone + share);
    add(line.parts, place(row), { out: share });
    rest = quantity(rest - share);
  };
  for (const line of near)
    give(line, Math.min(rest, quantity(Math.abs(units(line.row['quantityshiprecv'])) - line.gone)));
  for (const line of near) give(line, Math.min(rest, quantity(line.ordered - line.gone)));
  const last = near.at(-1);
  if (last) give(last, rest);
}

/** What left has been taken off NetSuite's own number as well. */
function add(
  parts: OrderLine['parts'],
  location: string | null,
  more: { committed?: number; out?: number; taken?: number },
): void {
  const part = parts.get(location) ?? { location, committed: 0, out: 0, returned: 0, taken: 0 };
  const { committed = 0, out = 0, taken = 0 } = more;
  parts.set(location, {
    ...part,
    committed: quantity(part.committed + committed),
    out: quantity(part.out + out),
    taken: quantity(part.taken + out + taken),
  });
}
