import { z } from 'zod';
import { type Quantity, quantity } from '../../domain/quantity.ts';
import type { CellKey, Outcome } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type OdooClient } from './ask.ts';
import type { OdooConfig } from './config.ts';
import { id, numeric, units } from './shape.ts';

/** What one location holds of one product, and what it shall hold. */
export interface CountRow {
  cell: CellKey;
  product: string;
  location: string;
  before: Quantity;
  after: Quantity;
}

type Counted = CountRow & { quant: string };

const INVENTORY = { inventory_mode: true };
const created = z.union([z.array(id), id.transform((one) => [one])]);
const written = z.array(z.object({ id, quantity: units, inventory_diff_quantity: units }));
const anything = z.unknown();

/**
 * Counts, looks whether each count stands on the number it was meant for, and applies. One outcome per cell; a row that
 * Odoo refuses does not keep the others from being written.
 * @throws Failure when nothing was written yet and it holds for all.
 */
export async function applyRows(client: OdooClient, config: OdooConfig, rows: CountRow[]): Promise<Outcome[]> {
  const cells = new Map<string, CountRow[]>();
  for (const row of rows) cells.set(idOf(row.cell), [...(cells.get(idOf(row.cell)) ?? []), row]);
  const outcomes: Outcome[] = [];
  const counted = await countedRows(client, config, [...cells.values()], outcomes);
  const standing = await standingRows(client, config, counted, outcomes);
  if (standing.length > 0) outcomes.push(...(await applied(client, config, standing, outcomes.length > 0)));
  return outcomes;
}

const idOf = ({ stockKey, location }: CellKey): string => `${stockKey}@${location}`;

/** One call for all; when Odoo refuses it nothing was written down, and each cell goes by itself. */
async function countedRows(
  client: OdooClient,
  config: OdooConfig,
  cells: CountRow[][],
  outcomes: Outcome[],
): Promise<Counted[][]> {
  try {
    return await count(client, config, cells);
  } catch (error) {
    if (!(error instanceof Failure) || !(error.failure === 'rejected' || error.failure === 'gone')) throw error;
    if (cells.length === 1) {
      outcomes.push({ cell: cells[0]![0]!.cell, result: 'failed', failure: error });
      return [];
    }
    const each: Counted[][] = [];
    for (const cell of cells) each.push(...(await countedRows(client, config, [cell], outcomes)));
    return each;
  }
}

async function count(client: OdooClient, config: OdooConfig, cells: CountRow[][]): Promise<Counted[][]> {
  const rows = cells.flat();
  const vals_list = rows.map((row) => ({
    product_id: Number(row.product),
    location_id: Number(row.location),
    inventory_quantity: row.after,
  }));
  const call = { model: 'stock.quant', method: 'create', args: { vals_list }, context: INVENTORY };
  const { data: ids } = await ask(client, config, 'count', call, created);
  if (ids.length !== rows.length)
    throw new Failure('rejected', 'unreadable-answer', 'Odoo did not name a quant for each count.');
  let at = 0;
  return cells.map((cell) => cell.map((row) => ({ ...row, quant: ids[at++]! })));
}

/** The difference that Odoo froze must be ours: else somebody moved goods between our reading and our count. */
async function standingRows(
  client: OdooClient,
  config: OdooConfig,
  cells: Counted[][],
  outcomes: Outcome[],
): Promise<Counted[][]> {
  if (cells.length === 0) return [];
  const ids = numeric(cells.flat().map(({ quant }) => quant));
  const fields = ['quantity', 'inventory_diff_quantity'];
  const { data } = await ask(
    client,
    config,
    'quants',
    { model: 'stock.quant', method: 'read', ids, args: { fields } },
    written,
  );
  const found = new Map(data.map((one) => [one.id, one]));
  const stands = (row: Counted) => {
    const told = found.get(row.quant);
    return told?.quantity === row.before && told.inventory_diff_quantity === quantity(row.after - row.before);
  };
  const overtaken = cells.filter((cell) => !cell.every(stands));
  await withdraw(client, config, overtaken, outcomes);
  return cells.filter((cell) => cell.every(stands));
}

/** A count that is not applied must not lie about for somebody to apply by mistake. */
async function withdraw(client: OdooClient, config: OdooConfig, cells: Counted[][], outcomes: Outcome[]) {
  if (cells.length === 0) return;
  for (const cell of cells) outcomes.push({ cell: cell[0]!.cell, result: 'stale' });
  const ids = numeric(cells.flat().map(({ quant }) => quant));
  const call = { model: 'stock.quant', method: 'action_clear_inventory_quantity', ids };
  await ask(client, config, 'clearCount', call, anything).catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
  });
}

async function applied(
  client: OdooClient,
  config: OdooConfig,
  cells: Counted[][],
  others: boolean,
): Promise<Outcome[]> {
  try {
    if (await apply(client, config, cells)) return cells.map(([row]) => ({ cell: row!.cell, result: 'applied' }));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // A refusal rolled everything back: whose fault it was shows when each goes alone.
    const alone = cells.length === 1 || !(error.failure === 'rejected' || error.failure === 'gone');
    if (alone && !others) throw error;
    if (alone) return cells.map(([row]) => ({ cell: row!.cell, result: 'failed', failure: error }));
  }
  if (cells.length === 1) {
    const outcomes: Outcome[] = [];
    await withdraw(client, config, cells, outcomes);
    return outcomes;
  }
  const outcomes: Outcome[] = [];
  for (const cell of cells) outcomes.push(...(await applied(client, config, [cell], true)));
  return outcomes;
}

/**
 * true: done. Whatever is answered but nothing at all is a question for a person ("conflict", "which lot?", an app's own
 * reason form), and then none of the rows was applied.
 */
async function apply(client: OdooClient, config: OdooConfig, cells: Counted[][]): Promise<boolean> {
  const ids = numeric(cells.flat().map(({ quant }) => quant));
  const call = { model: 'stock.quant', method: 'action_apply_inventory', ids, context: INVENTORY };
  const { data } = await ask(client, config, 'applyCount', call, anything);
  // Some versions and apps answer true where others answer nothing.
  return data === null || data === true;
}
