import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { StockLevel } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import { REASONS } from '../config.ts';
import { invalid } from './answers.ts';
import { adjustmentNode, decimal } from './nodes.ts';
import { type AdjustmentRow, itemNotes, type Stand } from './stand.ts';

/** Answers are kept so long for calls with the same key. */
const KEPT_MS = 24 * 3_600_000;

interface GoodLine {
  level: StockLevel;
  quantity: number;
  price: string;
}

/** `POST /stock_adjustments`: relative, whole or not at all, below zero if it must. */
export class Adjustments {
  private readonly answers = new Map<string, { untilMs: number; response: HttpResponse }>();

  constructor(private readonly stand: Stand) {}

  create(body: unknown, key: string | undefined): HttpResponse {
    const now = this.stand.options.clock.now();
    const known = key === undefined ? undefined : this.answers.get(key);
    if (known && known.untilMs > now) return known.response;
    const response = this.write(record(record(body)?.['stock_adjustment']));
    if (key !== undefined) this.answers.set(key, { untilMs: now + KEPT_MS / this.stand.options.factor, response });
    return response;
  }

  private write(asked: Record<string, unknown> | undefined): HttpResponse {
    if (!asked) return invalid('stock_adjustment', 'is missing');
    const { reason, notes } = asked;
    if (!REASONS.some((one) => one === reason)) return invalid('reason', 'is not included in the list');
    // The account's first location, where none is named.
    const location = String(asked['stock_location_id'] ?? this.stand.locations[0]!.id);
    const place = this.stand.locations.find(({ id }) => id === location);
    if (!place?.holdsStock) return invalid('stock_location', 'must exist');
    const lines = asked['stock_adjustment_line_items'];
    if (!Array.isArray(lines) || lines.length === 0) return invalid('stock_adjustment_line_items', "can't be blank");
    const good: GoodLine[] = [];
    for (const line of lines) {
      const judged = this.judge(record(line), location);
      if ('status' in judged) return judged;
      good.push(judged);
    }
    return this.apply(String(reason), typeof notes === 'string' ? notes : null, location, good);
  }

  private judge(line: Record<string, unknown> | undefined, location: string): GoodLine | HttpResponse {
    const { shelves } = this.stand.book;
    const item = shelves.itemById(String(line?.['variant_id']));
    if (!item || itemNotes(item).archived) return invalid('stock_adjustment_line_items.variant', 'must exist');
    if (!item.tracked) return invalid('stock_adjustment_line_items.variant', 'does not manage stock');
    if (itemNotes(item).composite) return invalid('stock_adjustment_line_items.variant', 'is composite');
    const quantity = Number(line?.['quantity']);
    if (!Number.isFinite(quantity) || quantity === 0)
      return invalid('stock_adjustment_line_items.quantity', 'must be other than 0');
    const price = Number(line?.['price']);
    if (!Number.isFinite(price) || price < 0) return invalid('stock_adjustment_line_items.price', 'is not a number');
    return { level: shelves.level(item, location)!, quantity, price: String(line!['price']) };
  }

  private apply(reason: string, notes: string | null, location: string, good: GoodLine[]): HttpResponse {
    const { stand } = this;
    const row: AdjustmentRow = {
      id: stand.nextId(),
      number: `SA${String(stand.adjustments.length + 1).padStart(4, '0')}`,
      reason,
      notes,
      location,
      atMs: stand.book.shelves.stamp(),
      lines: good.map(({ level, quantity, price }) => ({
        id: stand.nextId(),
        variant: level.item.id,
        quantity,
        price,
      })),
    };
    stand.adjustments.push(row);
    for (const { level, quantity } of good)
      stand.book.write(level, { delta: quantity }, 'write', { reference: row.number });
    return jsonResponse(201, {
      stock_adjustment: adjustmentNode(row),
      stock_adjustment_line_items: row.lines.map(({ id, variant, quantity }, position) => ({
        id,
        stock_adjustment_id: row.id,
        variant_id: Number(variant),
        quantity: decimal(quantity),
        position,
      })),
    });
  }
}
