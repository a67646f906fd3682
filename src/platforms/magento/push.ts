import { type Quantity, quantity } from '../../domain/quantity.ts';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { percentEncode } from '../../platform/oauth1.ts';
import type { MagentoConfig } from './config.ts';
import { facts } from './facts.ts';
import { NOT_INDEXED, SWITCHED_OFF } from './levels.ts';
import { apiRequest, type MagentoClient } from './request.ts';
import { DEFAULT_STOCK, readShop, type Shop } from './shop.ts';

interface Row {
  target: Target;
  source: string;
  /** What the source holds afterwards. */
  units: Quantity;
}

/**
 * What shoppers may buy becomes the source's own number by the difference between the two that was read:
 * `from.written + (want − from.available)` still holds the units that open orders have reserved. So an order placed between
 * reading and writing is not overwritten; a shipment is.
 */
const unitsFor = ({ want, from }: Target): Quantity => quantity((from?.written ?? 0) + (want - (from?.available ?? 0)));

/** @throws Failure only when the very first call fails for a reason that holds for all. */
export async function pushLevels(client: MagentoClient, config: MagentoConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const fail = (target: Target, failure: Failure) =>
    void outcomes.push({ cell: target.cell, result: 'failed', failure });
  const shop = await readShop(client, config);
  const rows: Row[] = [];
  for (const target of targets) {
    const source = sourceOf(target, shop, config);
    const failure = source instanceof Failure ? source : unwritable(target);
    if (failure || source instanceof Failure) fail(target, failure ?? (source as Failure));
    else rows.push({ target, source, units: unitsFor(target) });
  }
  if (rows.length === 0) return outcomes;
  const write = config.inventory === 'stock-item' ? writeStockItems : writeSources;
  outcomes.push(...(await write(client, config, rows)));
  return outcomes;
}

function sourceOf({ cell }: Target, shop: Shop, config: MagentoConfig): string | Failure {
  if (config.inventory === 'stock-item')
    return cell.location === DEFAULT_STOCK ? '' : new Failure('gone', 'unknown-location', 'This shop has one stock.');
  const stock = shop.stocks.find(({ id }) => id === cell.location);
  if (!stock) return new Failure('gone', 'unknown-location', `The shop has no stock ${cell.location} (any more).`);
  return (
    stock.writes ??
    new Failure(
      'rejected',
      'no-source',
      `${stock.name} has no source of its own to write to. Assign an enabled source and a website to it under Stores > Inventory > Stocks.`,
    )
  );
}

function unwritable({ cell, want, from }: Target): Failure | undefined {
  const { min, max } = facts.push;
  if (!Number.isInteger(want) || want < min || want > max)
    return new Failure('rejected', 'impossible-quantity', `Whole numbers from ${min} to ${max}, not ${want}.`);
  // Magento takes a number for an unknown SKU with 200 and keeps it for nobody: only what was read is written.
  if (!from)
    return new Failure('gone', 'unknown-item', `The shop has no product with SKU "${cell.stockKey}" in this stock.`);
  if (!from.tracked)
    return new Failure(
      'rejected',
      'untracked-item',
      'The shop does not count this product. Set Manage Stock to Yes under Catalog > Products > the product > Advanced Inventory.',
    );
  if (from.version === SWITCHED_OFF)
    return new Failure(
      'rejected',
      'out-of-stock-by-hand',
      'Its source is set to "Out of Stock" by hand. Set it to "In Stock" under Catalog > Products > the product > Sources.',
    );
  // Its 0 is no number: each push would put the whole quantity on top of what lies there.
  if (from.version === NOT_INDEXED)
    return new Failure(
      'rejected',
      'not-indexed',
      "The shop does not sell this product now: it is disabled (Catalog > Products > Enable Product), or new and not indexed yet, which the shop's cron does within a minute.",
    );
  return undefined;
}

/**
 * All rows in one call. One bad row fails the call before anything is saved, and the answer names none: so the rows are
 * halved until the bad ones are alone. The same helps where the shop limits how many rows it takes.
 */
async function writeSources(client: MagentoClient, config: MagentoConfig, rows: Row[]): Promise<Outcome[]> {
  try {
    const sourceItems = rows.map(({ target, source, units }) => ({
      sku: target.cell.stockKey,
      source_code: source,
      quantity: units,
      // "Out of stock" would take what is reserved out of the sum as well, and a negative number.
      status: units === 0 ? 0 : 1,
    }));
    const request = apiRequest(client, config, 'POST', '/inventory/source-items', [], { sourceItems });
    await client.call('writeSources', request);
    return rows.map(({ target }) => ({ cell: target.cell, result: 'applied' }));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code !== 'batch-refused') throw error;
    if (rows.length === 1) return [{ cell: rows[0]!.target.cell, result: 'failed', failure: error }];
    const half = Math.ceil(rows.length / 2);
    return inTurn([rows.slice(0, half), rows.slice(half)], (part) => writeSources(client, config, part));
  }
}

/** Without MSI: one product per call. */
function writeStockItems(client: MagentoClient, config: MagentoConfig, rows: Row[]): Promise<Outcome[]> {
  return inTurn(
    rows.map((row) => [row]),
    async ([{ target, units }]) => {
      const path = `/products/${percentEncode(target.cell.stockKey)}/stockItems/${percentEncode(target.from?.version ?? '0')}`;
      const body = { stockItem: { qty: units, is_in_stock: target.want > 0 } };
      await client.call('writeStockItem', apiRequest(client, config, 'PUT', path, [], body));
      return [{ cell: target.cell, result: 'applied' }];
    },
  );
}

/** What the first parts did must not be lost with a later one; behind a wall that holds for all the rest is not tried. */
async function inTurn(
  parts: [Row, ...Row[]][] | Row[][],
  write: (part: [Row]) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let stop: Failure | undefined;
  for (const [index, part] of parts.entries()) {
    try {
      if (stop) throw stop;
      outcomes.push(...(await write(part as [Row])));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const forAll = error.failure === 'throttled' || error.failure === 'auth';
      if (outcomes.length === 0 && (forAll || parts.length === 1) && index === 0) throw error;
      if (forAll) stop = error;
      outcomes.push(...part.map(({ target }): Outcome => ({ cell: target.cell, result: 'failed', failure: error })));
    }
  }
  return outcomes;
}
