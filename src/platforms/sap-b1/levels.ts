import { quantity, readQuantity } from '../../domain/quantity.ts';
import type { CellKey, Page, RemoteLevel } from '../../platform/contract.ts';
import { shaped } from './answer.ts';
import { getRequest, keyed, quoted, type SapClient, withQuery } from './api.ts';
import { readTogether } from './batch.ts';
import { nextOf } from './catalogue.ts';
import type { SapConfig } from './config.ts';
import { isYes, itemStock, page, STOCK_FIELDS } from './shapes.ts';

/** An item brings a row for each warehouse. */
const LIMIT = 100;

export async function listLevels(
  client: SapClient,
  config: SapConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const readAt = new Date(client.now()).toISOString();
  const counted = "InventoryItem eq 'tYES'";
  const path = withQuery('/Items', {
    select: STOCK_FIELDS,
    filter: cursor === null ? counted : `${counted} and ItemCode gt ${quoted(cursor)}`,
    orderby: 'ItemCode',
  });
  const answer = shaped(await client.call('levels', getRequest(config, path, LIMIT)), page(itemStock), '/Items');
  return { items: answer.value.flatMap((row) => levelsOf(row, readAt)), next: nextOf(answer, cursor) };
}

/** Fifty items in one call. What SAP does not have, and what it does not count, is missing from the answer. */
export async function readLevels(
  client: SapClient,
  config: SapConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const readAt = new Date(client.now()).toISOString();
  const codes = [...new Set(cells.map(({ stockKey }) => stockKey))];
  if (codes.length === 0) return [];
  const parts = codes.map((code) => ({ path: withQuery(keyed('Items', code), { select: STOCK_FIELDS }) }));
  const { answers } = await readTogether(client, config, 'readLevels', parts);
  const levels = answers.flatMap((answer) => (answer ? levelsOf(shaped(answer, itemStock, '/Items'), readAt) : []));
  const wanted = new Set(cells.map(({ stockKey, location }) => `${stockKey}\n${location}`));
  return levels.filter(({ stockKey, location }) => wanted.has(`${stockKey}\n${location}`));
}

/** What can be sold is what is there and promised to nobody; SAP's own "available" adds what is on order from vendors. */
function levelsOf(row: ReturnType<typeof itemStock.parse>, readAt: string): RemoteLevel[] {
  if (!isYes(row.InventoryItem)) return [];
  return (row.ItemWarehouseInfoCollection ?? []).flatMap(({ WarehouseCode, InStock, Committed }) => {
    if (!WarehouseCode) return [];
    const inStock = readQuantity(InStock ?? 0);
    return [
      {
        stockKey: row.ItemCode,
        location: WarehouseCode,
        available: quantity(inStock - readQuantity(Committed ?? 0)),
        written: inStock,
        tracked: true,
        readAt,
      },
    ];
  });
}
