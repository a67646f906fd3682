import { type Quantity, quantity } from '../../domain/quantity.ts';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { OdooClient } from './ask.ts';
import { hasLots, isCounted, readProducts } from './catalogue.ts';
import type { OdooConfig } from './config.ts';
import { applyRows, type CountRow } from './count.ts';
import { facts } from './facts.ts';
import { type Quant, readPlainQuants, sumOf } from './levels.ts';
import { readWarehouses, type Warehouse } from './places.ts';
import { numeric } from './shape.ts';

/** Everything a batch needs to know before it writes. */
interface Ground {
  products: Map<string, Awaited<ReturnType<typeof readProducts>>[number]>;
  places: Map<string, Warehouse>;
  quants: Map<string, Quant[]>;
}

const cellOf = ({ cell }: Target): string => `${cell.stockKey}@${cell.location}`;

/**
 * Changes what is on hand by `want − from.available`, as an inventory count of each warehouse's plain units. Guarded twice:
 * by the number that was read before, and by Odoo, which will not apply a count that was overtaken. Units promised meanwhile
 * stay promised, because a count does not touch them.
 * @throws Failure when it holds for all alike.
 */
export async function pushLevels(client: OdooClient, config: OdooConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const settled = (target: Target, outcome: Outcome | Failure) =>
    void outcomes.push(
      outcome instanceof Failure ? { cell: target.cell, result: 'failed', failure: outcome } : outcome,
    );
  const ground = await groundOf(client, config, targets);
  const rows: CountRow[] = [];
  for (const target of targets) {
    const refusal = refusalOf(target, ground);
    if (refusal) {
      settled(target, refusal);
      continue;
    }
    const plan = planOf(target, ground, config);
    if ('rows' in plan) rows.push(...plan.rows);
    else settled(target, plan.outcome);
  }
  if (rows.length > 0) outcomes.push(...(await applyRows(client, config, rows)));
  return outcomes;
}

async function groundOf(client: OdooClient, config: OdooConfig, targets: Target[]): Promise<Ground> {
  const keys = [...new Set(targets.map(({ cell }) => cell.stockKey))];
  const products = await readProducts(client, config, { ids: numeric(keys) });
  const places = await readWarehouses(client, config);
  const quants = new Map<string, Quant[]>();
  for (const place of places) {
    const here = targets.filter(({ cell }) => cell.location === place.id).map(({ cell }) => cell.stockKey);
    if (here.length === 0) continue;
    const found = await readPlainQuants(client, config, place, here);
    for (const key of here)
      quants.set(
        `${key}@${place.id}`,
        found.filter((one) => one.product_id === key),
      );
  }
  return {
    products: new Map(products.map((one) => [one.id, one])),
    places: new Map(places.map((one) => [one.id, one])),
    quants,
  };
}

function refusalOf(target: Target, { products, places }: Ground): Failure | undefined {
  const { cell, want } = target;
  const { min, max } = facts.push;
  const product = products.get(cell.stockKey);
  const rejected = (code: string, say: string) => new Failure('rejected', code, say);
  if (!product) return new Failure('gone', 'unknown-item', `There is no product ${cell.stockKey} in Odoo any more.`);
  if (!places.get(cell.location)?.active)
    return new Failure('gone', 'unknown-location', `There is no open warehouse ${cell.location} in Odoo.`);
  if (!isCounted(product))
    return rejected(
      'untracked-item',
      'Odoo does not count this product. Tick "Track Inventory" on its form (Inventory > Products).',
    );
  if (hasLots(product))
    return rejected('lots', 'Lots and serial numbers are counted in Odoo by people: Onhand leaves them alone.');
  if (!(want >= min && want <= max)) return rejected('impossible-quantity', `From ${min} to ${max}, not ${want}.`);
  if (!target.from?.tracked)
    return new Failure('conflict', 'not-read', 'The level was not read before: read it first.');
  return undefined;
}

/** One row per location that changes, or what is known without writing. */
function planOf(
  target: Target,
  { places, quants }: Ground,
  { hideOversold }: OdooConfig,
): { rows: CountRow[] } | { outcome: Outcome | Failure } {
  const { cell, want } = target;
  const from = target.from!;
  const plain = quants.get(cellOf(target)) ?? [];
  const delta = quantity(want - from.available);
  const now = sumOf(plain);
  if (delta === 0) return { outcome: { cell, result: 'applied' } };
  // Even where it is just the number that was wanted: a sale over the counter may have made it so, and a repeat that finds
  // its first try done is told by the next reading.
  if (now !== (from.written ?? 0)) return { outcome: { cell, result: 'stale' } };
  // Goods that nobody has would stand in the books, and pickers would be sent for them.
  if (want <= 0 && from.available < 0 && !hideOversold)
    return {
      outcome: new Failure(
        'rejected',
        'promised-beyond-stock',
        `Odoo promised ${quantity(-from.available)} more than it has there. Its number on hand is not raised to hide that: receive goods or cancel orders.`,
      ),
    };
  const stock = places.get(cell.location)!.stock;
  const changes = delta > 0 ? new Map([[stock, delta]]) : takenFrom(plain, stock, -delta);
  if (!changes)
    return {
      outcome: new Failure(
        'rejected',
        'not-plain',
        'Too few units there are free of lots, packages and owners. Count them in Odoo (Inventory > Physical Inventory).',
      ),
    };
  return {
    rows: [...changes].map(([location, by]): CountRow => {
      const before = sumOf(plain.filter((one) => one.location_id === location));
      return { cell, product: cell.stockKey, location, before, after: quantity(before + by) };
    }),
  };
}

/** From where goods without a shelf lie, then from the fullest shelves. undefined: there are not so many. */
function takenFrom(plain: readonly Quant[], stock: string, units: Quantity): Map<string, Quantity> | undefined {
  const at = (location: string) => sumOf(plain.filter((one) => one.location_id === location));
  const shelves = [...new Set(plain.flatMap((one) => one.location_id ?? []))].sort((a, b) =>
    a === stock ? -1 : b === stock ? 1 : at(b) - at(a) || Number(a) - Number(b),
  );
  const changes = new Map<string, Quantity>();
  let left = units;
  for (const shelf of shelves) {
    const share = quantity(Math.min(left, Math.max(0, at(shelf))));
    if (share > 0) changes.set(shelf, quantity(-share));
    left = quantity(left - share);
  }
  return left > 0 ? undefined : changes;
}
