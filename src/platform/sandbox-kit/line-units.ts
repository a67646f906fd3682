import { type Quantity, quantity } from '../../domain/quantity.ts';
import type { StockLine, StockOrder, StockPart } from './stock-types.ts';

/** Units of one line; where such a list is optional, leaving it out means all that is possible. */
export type LineUnits = { line: StockLine; quantity: Quantity }[];

/** Promised and not gone: what can still be cancelled or shipped. */
export const openOf = (line: StockLine, order: StockOrder): Quantity =>
  order.taken
    ? quantity(line.parts.reduce((sum, part) => sum + part.committed, 0))
    : quantity(line.quantity - line.dropped);

/** Gone and not paid back: what can still be refunded. */
export const goneOf = (line: StockLine): Quantity =>
  quantity(line.parts.reduce((sum, part) => sum + part.fulfilled - part.refunded, 0));

/** The line's share at a place, made if it has none there yet. */
export function partOf(line: StockLine, location: string): StockPart {
  let part = line.parts.find((candidate) => candidate.location === location);
  if (!part) {
    part = { location, committed: 0, fulfilled: 0, released: 0, writtenOff: 0, refunded: 0, restocked: 0 };
    line.parts.push(part);
  }
  return part;
}

/**
 * Checks what was named against the most each line allows; the same line named twice counts twice.
 * @returns undefined when a line is another order's, a quantity is none, or more was named than there is.
 */
export function unitsAsked(
  order: StockOrder,
  units: LineUnits | undefined,
  most: (line: StockLine) => Quantity,
): LineUnits | undefined {
  if (!units) return order.lines.map((line) => ({ line, quantity: most(line) })).filter((entry) => entry.quantity > 0);
  const asked = new Map<StockLine, Quantity>();
  for (const unit of units) {
    if (!(unit.quantity > 0) || !order.lines.includes(unit.line)) return undefined;
    asked.set(unit.line, quantity((asked.get(unit.line) ?? 0) + unit.quantity));
  }
  for (const [line, sum] of asked) if (sum > most(line)) return undefined;
  return [...asked].map(([line, sum]) => ({ line, quantity: sum }));
}

/** Deals `asked` units over a line's parts, first place first. `deal` may add parts. */
export function spread(
  line: StockLine,
  asked: Quantity,
  has: (part: StockPart) => Quantity,
  deal: (part: StockPart, share: Quantity) => void,
): void {
  let left = asked;
  for (const part of [...line.parts]) {
    if (left <= 0) return;
    const share = quantity(Math.min(left, Math.max(0, has(part))));
    if (share <= 0) continue;
    deal(part, share);
    left = quantity(left - share);
  }
}
