import { type Quantity, quantity } from '../../domain/quantity.ts';
import { availableOf, type Shelves } from './shelves.ts';
import type { SellPolicy, StockItem, StockLevel } from './stock-types.ts';

/** Per line, which place gives how many units. */
export type Allocation = { ok: true; takes: { location: string; units: Quantity }[][] } | { ok: false; why: string };

/**
 * Where the units of a basket would come from, taking nothing yet. The same item twice in one basket is counted twice.
 * @param location null: per line the first place that has all of it, else spread in order, else (where the policy allows
 *   selling below zero) all from the first place.
 */
export function planAllocation(
  shelves: Shelves,
  lines: { item: StockItem; quantity: Quantity }[],
  location: string | null,
  sell: SellPolicy,
): Allocation {
  const planned = new Map<StockLevel, Quantity>();
  const nowMs = shelves.nowMs();
  const left = (level: StockLevel) => {
    const promised = planned.get(level) ?? 0;
    return quantity(availableOf(level) + (sell.policy === 'racy' ? unseen(level, nowMs) : 0) - promised);
  };
  const takes: { location: string; units: Quantity }[][] = [];
  for (const line of lines) {
    const places = location === null ? shelves.locations : [location];
    const first = places[0]!;
    if (!line.item.tracked || line.quantity === 0) {
      takes.push(line.quantity === 0 ? [] : [{ location: first, units: line.quantity }]);
      continue;
    }
    const chosen = choose(shelves, line, places, left, sell.policy === 'below-zero');
    if (!chosen) {
      const has = places.reduce((sum, place) => sum + Math.max(0, left(shelves.level(line.item, place)!)), 0);
      return { ok: false, why: `${line.item.sku}: ${quantity(has)} in stock, ${line.quantity} asked` };
    }
    for (const take of chosen) {
      const level = shelves.level(line.item, take.location)!;
      planned.set(level, quantity((planned.get(level) ?? 0) + take.units));
    }
    takes.push(chosen);
  }
  return { ok: true, takes };
}

function choose(
  shelves: Shelves,
  line: { item: StockItem; quantity: Quantity },
  places: readonly string[],
  left: (level: StockLevel) => Quantity,
  belowZero: boolean,
): { location: string; units: Quantity }[] | undefined {
  const one = places.find((place) => left(shelves.level(line.item, place)!) >= line.quantity);
  if (one !== undefined) return [{ location: one, units: line.quantity }];
  const takes: { location: string; units: Quantity }[] = [];
  let missing = line.quantity;
  for (const place of places) {
    const units = quantity(Math.min(missing, Math.max(0, left(shelves.level(line.item, place)!))));
    if (units <= 0) continue;
    takes.push({ location: place, units });
    missing = quantity(missing - units);
    if (missing <= 0) return takes;
  }
  return belowZero ? [{ location: places[0]!, units: line.quantity }] : undefined;
}

/** Units taken so recently that a shop which looks before it lowers does not see them yet. */
function unseen(level: StockLevel, nowMs: number): Quantity {
  if (!level.recent) return 0;
  level.recent = level.recent.filter((taken) => taken.untilMs > nowMs);
  const units = level.recent.reduce((sum, taken) => sum + taken.units, 0);
  if (level.recent.length === 0) level.recent = undefined;
  return units;
}
