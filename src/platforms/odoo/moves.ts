import { z } from 'zod';
import type { Line, Part } from '../../domain/document.ts';
import { emptyPart } from '../../domain/document.ts';
import { type Quantity, quantity } from '../../domain/quantity.ts';
import type { OdooConfig } from './config.ts';
import type { Spot } from './places.ts';
import { id, moment, reference, text, units } from './shape.ts';

export const moveShape = z.object({
  id,
  product_id: reference,
  /** Asked, in the product's own unit. */
  product_qty: units,
  /** Asked, in the move's unit. */
  product_uom_qty: units,
  /** Done (or reserved), in the move's unit. */
  quantity: units,
  state: text,
  location_id: reference,
  location_dest_id: reference,
  /** From 18 on: where a chain of moves is to end. */
  location_final_id: reference.nullish(),
  move_dest_ids: z.array(id).nullish(),
  sale_line_id: reference.nullish(),
  write_date: moment,
});
export type Move = z.infer<typeof moveShape>;

export const moveFields = ({ version }: OdooConfig): string[] =>
  Object.keys(moveShape.shape).filter((name) => name !== 'id' && (version !== '17' || name !== 'location_final_id'));

/** Places that the moves speak of. */
export const spotsIn = (moves: readonly Move[]): string[] =>
  moves.flatMap((move) =>
    [move.location_id, move.location_dest_id, move.location_final_id].flatMap((one) => one ?? []),
  );

/** Done, in the product's unit: a dozen that left is twelve. */
export const doneUnits = (move: Move): Quantity =>
  move.product_uom_qty === 0 ? move.quantity : quantity((move.product_qty * move.quantity) / move.product_uom_qty);

/**
 * What the moves of one order ask of stock: one line per order line and product, because a kit is sold as one and leaves as
 * many. A move that ends at the customer and has not happened is promised, one that has is gone; one that comes back into a
 * warehouse is on the shelf again. Steps within the warehouse (pick, pack) change nothing.
 */
export function linesOf(moves: readonly Move[], spots: ReadonlyMap<string, Spot>): Line[] {
  const lines = new Map<string, Line>();
  const open = new Set(moves.filter(isOpen).map((move) => move.id));
  for (const move of moves) {
    if (!move.sale_line_id || !move.product_id) continue;
    const name = `${move.sale_line_id}/${move.product_id}`;
    const line = lines.get(name) ?? { line: name, listing: move.product_id, parts: [] };
    lines.set(name, line);
    add(line.parts, move, spots, open);
  }
  return [...lines.values()];
}

const isOpen = ({ state }: Move): boolean => state !== 'done' && state !== 'cancel' && state !== 'draft';

function add(parts: Part[], move: Move, spots: ReadonlyMap<string, Spot>, open: ReadonlySet<string>): void {
  const from = spots.get(move.location_id ?? '');
  const to = spots.get(move.location_dest_id ?? '');
  const final = spots.get(move.location_final_id ?? '');
  const at = (location: string | null): Part => {
    let part = parts.find((one) => one.location === location);
    if (!part) {
      part = { ...emptyPart, location };
      parts.push(part);
    }
    return part;
  };
  const leaves = to?.usage === 'customer' && from?.usage !== 'customer';
  if (move.state === 'done') {
    const units = doneUnits(move);
    if (leaves && from?.warehouse) gone(at(from.warehouse), units);
    else if (from?.usage === 'customer' && to?.warehouse) gone(at(to.warehouse), quantity(-units));
    return;
  }
  // The step that follows is counted instead, where it exists already.
  const bound = leaves || (final?.usage === 'customer' && from?.usage !== 'customer');
  if (!isOpen(move) || !bound || (move.move_dest_ids ?? []).some((next) => open.has(next))) return;
  if (!from?.warehouse) return;
  const part = at(from.warehouse);
  part.committed = quantity(part.committed + move.product_qty);
  part.taken = quantity(part.taken + move.product_qty);
}

function gone(part: Part, units: Quantity): void {
  part.out = quantity(part.out + units);
  part.taken = quantity(part.taken + units);
}
