import { type Quantity, quantity } from '../../domain/quantity.ts';
import type { CellKey, Outcome, RemoteLevel, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { percentEncode } from '../../platform/oauth1.ts';
import type { MagentoConfig } from './config.ts';
import { facts } from './facts.ts';
import { readLevels } from './levels.ts';
import { sameSku } from './products.ts';
import { apiRequest, type MagentoClient } from './request.ts';
import { DEFAULT_STOCK, readShop, type Shop } from './shop.ts';
import { NOT_INDEXED, SWITCHED_OFF, sourceItemsOf } from './source-items.ts';
import { stockItemOf } from './stock-item.ts';

interface Row {
  target: Target;
  source: string;
}

/**
 * What is written is the number that lies there now, changed by the difference between what shoppers may buy and what they
 * could when it was read: it still holds the units that open orders have reserved. So an order placed in between is not
 * overwritten, and a shipment only within the moment between our last look and the write.
 * @throws Failure only when the very first call fails for a reason that holds for all.
 */
export async function pushLevels(client: MagentoClient, config: MagentoConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const fail = (target: Target, failure: Failure) =>
    void outcomes.push({ cell: target.cell, result: 'failed', failure });
  const shop = await readShop(client, config);
  const rows: Row[] = [];
  for (const target of await withLevels(client, config, targets)) {
    const source = sourceOf(target, shop, config);
    const failure = source instanceof Failure ? source : unwritable(target, config);
    if (failure || source instanceof Failure) fail(target, failure ?? (source as Failure));
    else rows.push({ target, source });
  }
  if (rows.length === 0) return outcomes;
  const write = config.inventory === 'stock-item' ? writeStockItems : writeSources;
  outcomes.push(...(await write(client, config, rows)));
  return outcomes;
}

/**
 * The number to write, from the one that lies there now.
 * @returns undefined where that is what would have been written to the one that was read: this very write may have been made
 *   before, or as many were shipped; only reading anew tells.
 */
function unitsFor({ want, from }: Target, now: Quantity): Quantity | undefined {
  const [written, change] = [from?.written ?? 0, quantity(want - (from?.available ?? 0))];
  return change !== 0 && now === quantity(written + change) ? undefined : quantity(now + change);
}

/** A number can only be worked out from what was read; where nobody did just before, it is done here. */
async function withLevels(client: MagentoClient, config: MagentoConfig, targets: Target[]): Promise<Target[]> {
  const unread = targets.filter(({ from }) => !from).map(({ cell }) => cell);
  const levels: RemoteLevel[] = [];
  for (let start = 0; start < unread.length; start += facts.read.batchMax)
    levels.push(...(await readLevels(client, config, unread.slice(start, start + facts.read.batchMax))));
  return targets.map((target) => {
    const { stockKey, location } = target.cell;
    const from = target.from ?? levels.find((level) => level.stockKey === stockKey && level.location === location);
    return from ? { ...target, from } : target;
  });
}

function sourceOf({ cell, from }: Target, shop: Shop, config: MagentoConfig): string | Failure {
  if (config.inventory === 'stock-item')
    return cell.location === DEFAULT_STOCK ? '' : new Failure('gone', 'unknown-location', 'This shop has one stock.');
  const stock = shop.stocks.find(({ id }) => id === cell.location);
  if (!stock) return new Failure('gone', 'unknown-location', `The shop has no stock ${cell.location} (any more).`);
  const code = from?.version?.replace(/^[!?]/, '') ?? stock.sources[0];
  if (code !== undefined && stock.sources.includes(code)) return code;
  return new Failure(
    'rejected',
    'no-source',
    `${stock.name} has no source of its own to write to. Assign an enabled source and a website to it under Stores > Inventory > Stocks.`,
  );
}

function unwritable({ cell, want, from }: Target, config: MagentoConfig): Failure | undefined {
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
  if (config.inventory === 'sources' && from.version?.startsWith(SWITCHED_OFF))
    return new Failure(
      'rejected',
      'out-of-stock-by-hand',
      'Its source is set to "Out of Stock" by hand. Set it to "In Stock" under Catalog > Products > the product > Sources.',
    );
  // Its 0 is no number: each push would put the whole quantity on top of what lies there.
  if (config.inventory === 'sources' && from.version?.startsWith(NOT_INDEXED))
    return new Failure(
      'rejected',
      'not-indexed',
      "The shop does not sell this product now: it is disabled (Catalog > Products > Enable Product), or new and not indexed yet, which the shop's cron does within a minute.",
    );
  return undefined;
}

/** Looks once more, and writes all in one call. */
async function writeSources(client: MagentoClient, config: MagentoConfig, rows: Row[]): Promise<Outcome[]> {
  const sources = [...new Set(rows.map(({ source }) => source))];
  const now = await sourceItemsOf(
    client,
    config,
    [{ sources }],
    [...new Set(rows.map(({ target }) => target.cell.stockKey))],
  );
  const outcomes: Outcome[] = [];
  const items: Item[] = [];
  for (const { target, source } of rows) {
    const { cell } = target;
    const quantity = unitsFor(target, now.get(`${source} ${sameSku(cell.stockKey)}`)?.quantity ?? 0);
    if (quantity === undefined) outcomes.push({ cell, result: 'stale' });
    // "Out of stock" would take what is reserved out of the sum as well, and a negative number.
    else
      items.push({ cell, row: { sku: cell.stockKey, source_code: source, quantity, status: quantity === 0 ? 0 : 1 } });
  }
  if (items.length > 0) outcomes.push(...(await saveSources(client, config, items)));
  return outcomes;
}

interface Item {
  cell: CellKey;
  row: { sku: string; source_code: string; quantity: Quantity; status: 0 | 1 };
}

/**
 * One bad row fails the call before anything is saved, and the answer names none: so the rows are halved until the bad ones
 * are alone. The same helps where the shop limits how many rows it takes.
 */
async function saveSources(client: MagentoClient, config: MagentoConfig, items: Item[]): Promise<Outcome[]> {
  try {
    const sourceItems = items.map(({ row }) => row);
    await client.call(
      'writeSources',
      apiRequest(client, config, 'POST', '/inventory/source-items', [], { sourceItems }),
    );
    return items.map(({ cell }) => ({ cell, result: 'applied' }));
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'batch-refused')) throw error;
    if (items.length === 1) return [{ cell: items[0]!.cell, result: 'failed', failure: error }];
    const half = Math.ceil(items.length / 2);
    return inTurn([items.slice(0, half), items.slice(half)], (part) => saveSources(client, config, part));
  }
}

/** Without MSI: one product per call. */
function writeStockItems(client: MagentoClient, config: MagentoConfig, rows: Row[]): Promise<Outcome[]> {
  const one = async (target: Target): Promise<Outcome> => {
    const { cell, want } = target;
    const found = await stockItemOf(client, config, cell.stockKey);
    if (!found) throw new Failure('gone', 'unknown-item', `The shop has no product with SKU "${cell.stockKey}".`);
    const qty = unitsFor(target, found.qty ?? 0);
    if (qty === undefined) return { cell, result: 'stale' };
    const path = `/products/${percentEncode(cell.stockKey)}/stockItems/${found.item_id}`;
    const body = { stockItem: { qty, is_in_stock: want > 0 } };
    await client.call('writeStockItem', apiRequest(client, config, 'PUT', path, [], body));
    return { cell, result: 'applied' };
  };
  return inTurn(
    rows.map(({ target }) => [{ cell: target.cell, target }]),
    async ([row]) => [await one(row!.target)],
  );
}

/** What the first parts did must not be lost with a later one; behind a wall that holds for all the rest is not tried. */
async function inTurn<Part extends { cell: CellKey }>(
  parts: Part[][],
  write: (part: Part[]) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let stop: Failure | undefined;
  for (const [index, part] of parts.entries()) {
    try {
      if (stop) throw stop;
      outcomes.push(...(await write(part)));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const forAll = error.failure === 'throttled' || error.failure === 'auth';
      if (outcomes.length === 0 && (forAll || parts.length === 1) && index === 0) throw error;
      if (forAll) stop = error;
      outcomes.push(...part.map(({ cell }): Outcome => ({ cell, result: 'failed', failure: error })));
    }
  }
  return outcomes;
}
