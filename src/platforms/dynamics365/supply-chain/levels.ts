import { z } from 'zod';
import { type Quantity, quantity, readQuantity } from '../../../domain/quantity.ts';
import type { CellKey, Page, RemoteLevel } from '../../../platform/contract.ts';
import { ask, type DynamicsClient, iso, record } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { inventoryUrl } from './address.ts';
import { type Product, productPage, productsNamed } from './products.ts';
import { readWarehouses, type Warehouse } from './warehouses.ts';

/** Inventory Visibility takes so many pairs of site and location in one query. */
const PAIRS_MAX = 100;

const rows = z.array(
  z.object({
    productId: z.string(),
    dimensions: z.record(z.string(), z.unknown()).nullish(),
    quantities: z.record(z.string(), z.unknown()).nullish(),
  }),
);

interface Shown {
  /** Our own measure, as set. */
  written: Quantity;
  /** What is softly reserved against it. */
  reserved: Quantity;
}

const cellId = (product: string, location: string): string => `${product}\n${location}`;

/** Names of measures come back in lower case whatever they were. */
function measureOf(quantities: Record<string, unknown> | null | undefined, source: string, name: string): Quantity {
  const within = (values: Record<string, unknown> | undefined, key: string): unknown =>
    Object.entries(values ?? {}).find(([known]) => known.toLowerCase() === key.toLowerCase())?.[1];
  return readQuantity(within(record(within(quantities ?? undefined, source)), name) ?? 0);
}

async function query(
  client: DynamicsClient,
  config: DynamicsConfig,
  products: string[],
  warehouses: Warehouse[],
): Promise<Map<string, Shown>> {
  const found = new Map<string, Shown>();
  if (products.length === 0) return found;
  for (const group of grouped(warehouses)) {
    const body = {
      filters: {
        organizationId: [config.account],
        productId: products,
        siteId: [...new Set(group.map(({ site }) => site))],
        locationId: group.map(({ id }) => id),
      },
      groupByValues: ['siteId', 'locationId'],
      returnNegative: true,
    };
    const url = inventoryUrl(config, 'onhand/indexquery');
    const { data } = await ask(client, 'readLevels', { method: 'POST', url, body }, rows);
    for (const { productId, dimensions, quantities } of data) {
      const location = Object.entries(dimensions ?? {}).find(([name]) => name.toLowerCase() === 'locationid')?.[1];
      if (typeof location !== 'string') continue;
      try {
        const written = measureOf(quantities, config.dataSource, config.measure);
        found.set(cellId(productId, location), { written, reserved: measureOf(quantities, 'iv', 'softreservordered') });
      } catch {
        // One absurd row hides no others.
      }
    }
  }
  return found;
}

function grouped(warehouses: Warehouse[]): Warehouse[][] {
  const groups: Warehouse[][] = [];
  for (const warehouse of warehouses) {
    const last = groups.at(-1);
    const sites = new Set([...(last ?? []), warehouse].map(({ site }) => site)).size;
    if (last && sites * (last.length + 1) <= PAIRS_MAX) last.push(warehouse);
    else groups.push([warehouse]);
  }
  return groups;
}

function levelOf(
  { number, counted }: Product,
  location: string,
  shown: Shown | undefined,
  readAt: string,
): RemoteLevel {
  const { written, reserved } = shown ?? { written: 0, reserved: 0 };
  const available = quantity(written - reserved);
  return { stockKey: number, location, available, written, tracked: counted, readAt };
}

/** What nobody has set shows nothing: 0 at every warehouse. */
export async function listLevels(
  client: DynamicsClient,
  config: DynamicsConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const readAt = iso(client.now());
  const { items, next } = await productPage(client, config, 'levels', cursor);
  const warehouses = [...(await readWarehouses(client, config)).values()];
  const shown = await query(
    client,
    config,
    items.map(({ number }) => number),
    warehouses,
  );
  return {
    items: items.flatMap((product) =>
      warehouses.map(({ id }) => levelOf(product, id, shown.get(cellId(product.number, id)), readAt)),
    ),
    next,
  };
}

export async function readLevels(
  client: DynamicsClient,
  config: DynamicsConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const readAt = iso(client.now());
  const all = await readWarehouses(client, config);
  const products = await productsNamed(client, config, [...new Set(cells.map(({ stockKey }) => stockKey))]);
  const known = cells.filter(({ stockKey, location }) => products.has(stockKey) && all.has(location));
  const warehouses = [...new Set(known.map(({ location }) => location))].map((location) => all.get(location)!);
  const shown = await query(client, config, [...new Set(known.map(({ stockKey }) => stockKey))], warehouses);
  return known.map(({ stockKey, location }) =>
    levelOf(products.get(stockKey)!, location, shown.get(cellId(stockKey, location)), readAt),
  );
}
