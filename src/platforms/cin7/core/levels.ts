import { z } from 'zod';
import { type Quantity, quantity, readQuantity } from '../../../domain/quantity.ts';
import type { CellKey, Page, RemoteLevel } from '../../../platform/contract.ts';
import { Failure } from '../../../platform/failure.ts';
import { ask, type Cin7Client, query } from '../api.ts';
import type { Cin7Config } from '../config.ts';
import { isStock, readProduct, stockProducts } from './catalogue.ts';
import { placeFinder, readPlaces } from './places.ts';

const LIMIT = 1_000;
/** Rows move while pages are read: so often the walk is begun anew before what it found is taken as it is. */
const WALKS_MAX = 3;

const text = z.string().nullish();
const row = z.object({
  ID: z.string().min(1),
  Location: text,
  Bin: text,
  Batch: text,
  OnHand: z.unknown().optional(),
  Available: z.unknown().optional(),
});
type Row = z.infer<typeof row>;
const answer = z.object({ ProductAvailabilityList: z.array(row).nullish(), Total: z.number().nullish() });

interface Sum {
  available: Quantity;
  /** Of what lies in no bin and no batch: the only part an adjustment can name without naming them. */
  loose: Quantity;
}

/** Rows stand for product × location × bin × batch; what can be sold is their sum. An absurd row spoils its own cell only. */
function summed(rows: Row[]): Map<string, Sum | undefined> {
  const sums = new Map<string, Sum | undefined>();
  for (const one of rows) {
    const key = cellName(one.ID, one.Location);
    const sum = sums.has(key) ? sums.get(key) : { available: 0, loose: 0 };
    try {
      const [onHand, available] = [readQuantity(one.OnHand), readQuantity(one.Available)];
      const isLoose = !one.Bin?.trim() && !one.Batch?.trim();
      sums.set(
        key,
        sum && { available: quantity(sum.available + available), loose: quantity(sum.loose + (isLoose ? onHand : 0)) },
      );
    } catch {
      sums.set(key, undefined);
    }
  }
  return sums;
}

const cellName = (product: string, location: string | null | undefined): string =>
  `${product.toLowerCase()}\n${(location ?? '').trim().toLowerCase()}`;

/** Every row under these filters, and whether the list stood still meanwhile. */
async function walk(
  client: Cin7Client,
  config: Cin7Config,
  filter: Record<string, string>,
): Promise<{ rows: Row[]; steady: boolean }> {
  for (let walks = 1; ; walks++) {
    const rows: Row[] = [];
    const totals = new Set<number>();
    for (let Page = 1; ; Page++) {
      const path = `/ref/productavailability${query({ Page, Limit: LIMIT, ...filter })}`;
      const { data } = await ask(client, config, 'availability', { path }, answer);
      const some = data.ProductAvailabilityList ?? [];
      rows.push(...some);
      if (data.Total !== null && data.Total !== undefined) totals.add(data.Total);
      if (some.length < LIMIT) break;
    }
    const distinct = new Set(
      rows.map((one) => `${cellName(one.ID, one.Location)}\n${one.Bin ?? ''}\n${one.Batch ?? ''}`),
    );
    const steady =
      rows.length < LIMIT || (totals.size === 1 && totals.has(rows.length) && distinct.size === rows.length);
    if (steady || walks >= WALKS_MAX) return { rows, steady };
  }
}

/**
 * One location after the other. What is out of stock everywhere is missing from Cin7's list: it is filled in as 0, but only
 * where no row can have been missed.
 */
export async function listLevels(
  client: Cin7Client,
  config: Cin7Config,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const all = (await readPlaces(client, config)).all;
  const index = Number(cursor ?? 0);
  const place = all[index];
  if (!place) return { items: [], next: null };
  const readAt = new Date(client.now()).toISOString();
  const { rows, steady } = await walk(client, config, { Location: place.name });
  const sums = summed(rows.filter(({ Location }) => cellName('', Location) === cellName('', place.name)));
  const products = await stockProducts(client, config);
  const items = products.flatMap(({ ID }): RemoteLevel[] => {
    const key = cellName(ID, place.name);
    const sum = sums.has(key) ? sums.get(key) : steady ? { available: 0, loose: 0 } : undefined;
    return sum ? [levelOf({ stockKey: ID, location: place.location }, sum, readAt)] : [];
  });
  return { items, next: index + 1 < all.length ? String(index + 1) : null };
}

const levelOf = (cell: CellKey, { available, loose }: Sum, readAt: string, tracked = true): RemoteLevel => ({
  ...cell,
  available,
  written: loose,
  tracked,
  readAt,
});

/** There is no list of several products: each is asked for by itself, or all are walked where that is fewer calls. */
export async function readLevels(
  client: Cin7Client,
  config: Cin7Config,
  cells: (CellKey & { extra?: Record<string, string> })[],
): Promise<RemoteLevel[]> {
  if (cells.length === 0) return [];
  const products = [...new Set(cells.map(({ stockKey }) => stockKey))];
  const readAt = new Date(client.now()).toISOString();
  const place = await placeFinder(client, config);
  const rows = await rowsOf(client, config, products);
  const named = await Promise.all(
    rows.map(async (one) => ({ ...one, Location: await place({ name: one.Location ?? null }) })),
  );
  const sums = summed(named);
  const exists = new Map<string, boolean>();
  const levels: RemoteLevel[] = [];
  for (const { stockKey, location, extra } of cells) {
    const cell = { stockKey, location };
    const key = cellName(stockKey, location);
    const tracked = extra === undefined || extra['type'] === 'Stock' || extra['type'] === 'made';
    if (sums.has(key)) {
      const sum = sums.get(key);
      if (sum) levels.push(levelOf(cell, sum, readAt, tracked));
      continue;
    }
    if (extra?.['type'] === undefined && !exists.has(stockKey)) {
      const found = await lookUp(client, config, stockKey);
      if (found === undefined) exists.set(stockKey, false);
      else exists.set(stockKey, true);
    }
    if (exists.get(stockKey) === false || (await place({ id: location })) === null) continue;
    levels.push(levelOf(cell, { available: 0, loose: 0 }, readAt, tracked));
  }
  return levels;
}

async function rowsOf(client: Cin7Client, config: Cin7Config, products: string[]): Promise<Row[]> {
  const wanted = new Set(products.map((id) => id.toLowerCase()));
  if (products.length > 1) {
    const path = `/ref/productavailability${query({ Page: 1, Limit: LIMIT })}`;
    const { data } = await ask(client, config, 'availabilityOf', { path }, answer);
    const first = data.ProductAvailabilityList ?? [];
    const mine = (rows: Row[]) => rows.filter(({ ID }) => wanted.has(ID.toLowerCase()));
    if (first.length < LIMIT) return mine(first);
    const pages = Math.ceil((data.Total ?? Number.POSITIVE_INFINITY) / LIMIT);
    if (pages < products.length) {
      const { rows, steady } = await walk(client, config, {});
      // A row may have been passed over: rather one by one than a wrong zero.
      if (steady) return mine(rows);
    }
  }
  const rows: Row[] = [];
  for (const ID of products) {
    const path = `/ref/productavailability${query({ Page: 1, Limit: LIMIT, ID })}`;
    try {
      const { data } = await ask(client, config, 'availabilityOf', { path }, answer);
      // Filters that Cin7 does not know are passed over in silence: only what was asked for is taken.
      rows.push(...(data.ProductAvailabilityList ?? []).filter((one) => one.ID.toLowerCase() === ID.toLowerCase()));
    } catch (error) {
      if (!isUnknown(error)) throw error;
    }
  }
  return rows;
}

async function lookUp(client: Cin7Client, config: Cin7Config, id: string): Promise<true | undefined> {
  try {
    const product = await readProduct(client, config, id);
    return product && isStock(product) ? true : undefined;
  } catch (error) {
    if (isUnknown(error)) return undefined;
    throw error;
  }
}

/** An ID in another form than theirs is refused as a request, not as a product. */
const isUnknown = (error: unknown): boolean =>
  error instanceof Failure && (error.failure === 'gone' || error.failure === 'rejected');
