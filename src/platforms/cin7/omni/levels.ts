import { z } from 'zod';
import { readQuantity } from '../../../domain/quantity.ts';
import type { CellKey, Page, RemoteLevel } from '../../../platform/contract.ts';
import { ask, type Cin7Client, query, utcOf } from '../api.ts';
import type { Cin7Config } from '../config.ts';
import { omniId, ROWS } from './catalogue.ts';

/** Options in one address; each has a row per branch. */
const OPTIONS_MAX = 20;

const stock = z.array(
  z.object({
    productOptionId: omniId,
    branchId: omniId,
    available: z.unknown().optional(),
    stockOnHand: z.unknown().optional(),
    modifiedDate: z.string().nullish(),
  }),
);

function levelsIn(rows: z.infer<typeof stock>, readAt: string): RemoteLevel[] {
  return rows.flatMap((row) => {
    try {
      const changedAt = utcOf(row.modifiedDate);
      return [
        {
          stockKey: row.productOptionId,
          location: row.branchId,
          available: readQuantity(row.available),
          written: readQuantity(row.stockOnHand),
          tracked: true,
          readAt,
          ...(changedAt && { changedAt }),
        },
      ];
    } catch {
      // One absurd row is left out, so that it does not hide the others.
      return [];
    }
  });
}

export async function listOmniLevels(
  client: Cin7Client,
  config: Cin7Config,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const page = Number(cursor ?? 1);
  const path = `/Stock${query({ order: 'productOptionId', page, rows: ROWS })}`;
  const { data, askedMs } = await ask(client, config, 'omniStock', { path }, stock);
  return {
    items: levelsIn(data, new Date(askedMs).toISOString()),
    next: data.length < ROWS ? null : String(page + 1),
  };
}

/** What has no row has no stock; that it exists at all is known from the catalogue. */
export async function readOmniLevels(
  client: Cin7Client,
  config: Cin7Config,
  cells: (CellKey & { extra?: Record<string, string> })[],
): Promise<RemoteLevel[]> {
  const options = [...new Set(cells.map(({ stockKey }) => stockKey))].filter((id) => /^\d{1,20}$/.test(id));
  const readAt = new Date(client.now()).toISOString();
  const found = new Map<string, RemoteLevel>();
  for (let start = 0; start < options.length; start += OPTIONS_MAX) {
    const where = options
      .slice(start, start + OPTIONS_MAX)
      .map((id) => `productOptionId=${id}`)
      .join(' OR ');
    for (let page = 1; ; page++) {
      const path = `/Stock${query({ where, order: 'productOptionId', page, rows: ROWS })}`;
      const { data } = await ask(client, config, 'omniStockOf', { path }, stock);
      for (const level of levelsIn(data, readAt)) found.set(cellId(level), level);
      if (data.length < ROWS) break;
    }
  }
  return cells.flatMap((cell) => {
    const { stockKey, location, extra } = cell;
    const type = extra?.['type'];
    const tracked = type === undefined || type === 'Stock';
    const level = found.get(cellId(cell));
    if (level) return [{ ...level, tracked }];
    return type === undefined ? [] : [{ stockKey, location, available: 0, written: 0, tracked, readAt }];
  });
}

const cellId = ({ stockKey, location }: CellKey): string => `${stockKey}\n${location}`;
