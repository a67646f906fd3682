import type { Doc } from '../../domain/document.ts';
import { differences } from '../../sandbox/documents-against-book.ts';
import { NO_LOCATION, type RemoteLevel } from '../contract.ts';
import type { Bench } from './bench.ts';

/** One place stands for all: the platform keeps one pool, whatever either side calls it. */
const POOL = NO_LOCATION;

/** Does the platform keep one pool of stock? */
export function isPool(bench: Bench): boolean {
  const shown = new Set(bench.sandbox.shown().map(({ location }) => location));
  return shown.size <= 1;
}

/** Holds every document heard against the stand-in's own book, units the platform took itself included. */
export async function bookDifferences(bench: Bench, docs: Iterable<Doc> = bench.listener.docs.values()) {
  if (bench.listings.size === 0) await bench.allListings();
  const pool = isPool(bench);
  const place = (location: string) => (pool ? POOL : location);
  const shown = new Map(bench.sandbox.shown().map((row) => [`${row.sku}@${row.location}`, row.available]));
  const book = bench.sandbox.book().map((row) => ({
    ...row,
    location: place(row.location),
    taken: (bench.opening.get(`${row.sku}@${row.location}`) ?? 0) - (shown.get(`${row.sku}@${row.location}`) ?? 0),
  }));
  const said = [...docs].map((doc) => ({
    ...doc,
    lines: doc.lines.map((line) => ({
      ...line,
      parts: line.parts.map((part) => ({ ...part, location: part.location === null ? null : place(part.location) })),
    })),
  }));
  return differences(said, bench.listings, book);
}

/** What shoppers see, by cell as the connector names it. */
export function shownBySku(bench: Bench): Map<string, number> {
  const pool = isPool(bench);
  return new Map(bench.sandbox.shown().map((row) => [`${row.sku}@${pool ? POOL : row.location}`, row.available]));
}

/** SKU and place of a level, in the words of {@link shownBySku}. */
export function cellName(bench: Bench, level: Pick<RemoteLevel, 'stockKey' | 'location'>): string {
  const listing = [...bench.listings.values()].find(({ stockKey }) => stockKey === level.stockKey);
  return `${listing?.sku ?? `?${level.stockKey}`}@${isPool(bench) ? POOL : level.location}`;
}

/** Sentences on every level that is not what shoppers see; levels of untracked items say nothing. */
export function levelDifferences(bench: Bench, levels: readonly RemoteLevel[]): string[] {
  const shown = shownBySku(bench);
  const found: string[] = [];
  const seen = new Set<string>();
  for (const level of levels) {
    if (!level.tracked) continue;
    const name = cellName(bench, level);
    seen.add(name);
    if (shown.get(name) !== level.available) found.push(`${name}: read ${level.available}, shown ${shown.get(name)}`);
  }
  for (const name of shown.keys())
    if (!seen.has(name) && !name.startsWith('UNTRACKED')) found.push(`${name} is missing`);
  return found;
}
