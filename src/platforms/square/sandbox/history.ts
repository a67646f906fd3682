import { type Quantity, quantity } from '../../../domain/quantity.ts';
import type { StockBook, StockItem, StockLevel } from '../../../platform/sandbox-kit/index.ts';
import { iso } from './answers.ts';

/** One line of the inventory history, in the words of both versions of the API. */
export interface ChangeRow {
  seq: number;
  type: 'ADJUSTMENT' | 'PHYSICAL_COUNT';
  item: StockItem;
  location: string;
  fromState: string;
  toState: string;
  quantity: Quantity;
  /** By the writer's clock: Square sorts by it. */
  occurredMs: number;
  createdMs: number;
  referenceId?: string;
  transactionId?: string;
  source: { product: string; name: string };
}

const KEPT = 200_000;

/**
 * Every change of stock, by the time it is said to have happened. "Square tracks inventory by adding up all adjustments since
 * the last physical count": what is stamped before the last count changes nothing any more.
 */
export class History {
  private rows: ChangeRow[] = [];
  private readonly ofLevel = new Map<string, ChangeRow[]>();
  private readonly lastCounts = new Map<string, ChangeRow>();
  private seq = 0;

  constructor(private readonly book: StockBook) {}

  add(row: Omit<ChangeRow, 'seq'>): ChangeRow {
    this.seq += 1;
    const added = { seq: this.seq, ...row };
    this.rows.push(added);
    this.file(added);
    if (this.rows.length > KEPT * 2) this.forget();
    return added;
  }

  /** Rows of these items, or of all, oldest first by the time they are said to have happened. */
  of(items: readonly StockItem[] | null): ChangeRow[] {
    const rows = items
      ? items.flatMap((item) => item.levels.flatMap(({ location }) => this.ofLevel.get(levelKey(item, location)) ?? []))
      : [...this.rows];
    return rows.sort((a, b) => a.occurredMs - b.occurredMs || a.seq - b.seq);
  }

  /** An application's adjustment. Stamped before the last count, it is only noted. */
  adjust(level: StockLevel, delta: Quantity, row: Omit<ChangeRow, 'seq'>): ChangeRow {
    const counted = this.lastCountMs(level);
    if (counted === undefined || row.occurredMs >= counted)
      this.book.write(level, { delta }, 'write', { reference: row.referenceId ?? null });
    return this.add(row);
  }

  /** An application's count: what was counted then, and what has happened since. */
  count(level: StockLevel, row: Omit<ChangeRow, 'seq'>): ChangeRow {
    const counted = this.lastCountMs(level);
    if (counted === undefined || row.occurredMs >= counted) {
      const since = (this.ofLevel.get(levelKey(level.item, level.location)) ?? []).filter(
        (one) => one.type === 'ADJUSTMENT' && one.occurredMs > row.occurredMs,
      );
      const available = since.reduce((sum, one) => quantity(sum + effectOf(one)), row.quantity);
      this.book.write(level, { available }, 'write', { reference: row.referenceId ?? null });
    }
    return this.add(row);
  }

  /** What was last counted there, for `ignore_unchanged_counts`. */
  lastCount(level: StockLevel): ChangeRow | undefined {
    return this.lastCounts.get(levelKey(level.item, level.location));
  }

  private lastCountMs(level: StockLevel): number | undefined {
    return this.lastCount(level)?.occurredMs;
  }

  private file(row: ChangeRow): void {
    const key = levelKey(row.item, row.location);
    const own = this.ofLevel.get(key);
    if (own) own.push(row);
    else this.ofLevel.set(key, [row]);
    const counted = this.lastCounts.get(key);
    if (row.type === 'PHYSICAL_COUNT' && (!counted || row.occurredMs >= counted.occurredMs))
      this.lastCounts.set(key, row);
  }

  /** The oldest rows go; the last counts stay, because what is stamped before them still changes nothing. */
  private forget(): void {
    this.rows = this.rows.slice(-KEPT);
    this.ofLevel.clear();
    for (const row of this.rows) this.file(row);
  }
}

const levelKey = (item: StockItem, location: string): string => `${item.id}\n${location}`;

const effectOf = ({ fromState, toState, quantity: units }: ChangeRow): Quantity =>
  toState === 'IN_STOCK' ? units : fromState === 'IN_STOCK' ? -units : 0;

/** As the API prints it; from 2026-07-15 on with both places. */
export function changeNode(row: ChangeRow, splits: boolean): Record<string, unknown> {
  const shared = {
    id: `CHANGESQ${String(row.seq).padStart(16, '0')}`,
    ...(row.referenceId !== undefined && { reference_id: row.referenceId }),
    catalog_object_id: row.item.id,
    catalog_object_type: 'ITEM_VARIATION',
    quantity: String(row.quantity),
    source: row.source,
    occurred_at: iso(row.occurredMs),
    created_at: iso(row.createdMs),
  };
  if (row.type === 'PHYSICAL_COUNT')
    return { type: row.type, physical_count: { ...shared, state: row.toState, location_id: row.location } };
  const places = splits
    ? { from_location_id: row.location, to_location_id: row.location }
    : { location_id: row.location };
  return {
    type: row.type,
    adjustment: {
      ...shared,
      ...places,
      from_state: row.fromState,
      to_state: row.toState,
      ...(row.transactionId !== undefined && { transaction_id: row.transactionId }),
    },
  };
}
