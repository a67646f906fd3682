import type { Doc } from '../domain/document.ts';
import { quantity } from '../domain/quantity.ts';
import type { RemoteLevel, RemoteListing } from '../platform/contract.ts';
import type { BookRow, ShownRow } from '../platform/sandbox.ts';

/** What a sandbox's book says, and by how much the number it shows shoppers has fallen since the seed. */
export interface RealRow extends BookRow {
  taken: number;
}

interface Sum {
  committed: number;
  out: number;
  taken: number;
  returned: number;
  /** Some of this has no place. */
  placeless: boolean;
}

const none = (): Sum => ({ committed: 0, out: 0, taken: 0, returned: 0, placeless: false });

/**
 * Holds what a connector understood against what its sandbox really did. Per SKU and place where every part of that SKU
 * says its place, else per SKU: committed equal; out, and what the platform has taken off its own number, equal but for
 * units it only says "came back" of, which may or may not be on a shelf again.
 * @returns one sentence per difference.
 */
export function differences(docs: Iterable<Doc>, listings: Map<string, RemoteListing>, book: RealRow[]): string[] {
  const found: string[] = [];
  const told = new Map<string, Map<string, Sum>>();
  for (const doc of docs)
    for (const line of doc.lines) {
      const listing = line.listing === null ? undefined : listings.get(line.listing);
      if (!listing?.sku) {
        found.push(`${doc.doc}: line ${line.line} sells listing ${line.listing}, which is not in the catalogue`);
        continue;
      }
      const places = told.get(listing.sku) ?? new Map<string, Sum>();
      told.set(listing.sku, places);
      for (const part of line.parts) {
        for (const name of ['committed', 'out', 'returned', 'taken'] as const)
          if (!Number.isFinite(part[name])) found.push(`${doc.doc}: ${name} of line ${line.line} is ${part[name]}`);
        if (part.committed < 0 || part.returned < 0) found.push(`${doc.doc}: line ${line.line} has negative units`);
        const place = part.location ?? '';
        const sum = places.get(place) ?? none();
        sum.committed += part.committed;
        sum.out += part.out;
        sum.taken += part.taken;
        sum.returned += part.returned;
        sum.placeless ||= part.location === null && (part.committed !== 0 || part.out !== 0 || part.taken !== 0);
        places.set(place, sum);
      }
    }
  const real = new Map<string, Map<string, Sum>>();
  for (const { sku, location, committed, out, taken } of book) {
    const places = real.get(sku) ?? new Map<string, Sum>();
    real.set(sku, places.set(location, { ...none(), committed, out, taken }));
  }
  for (const sku of new Set([...told.keys(), ...real.keys()])) {
    const said = told.get(sku) ?? new Map<string, Sum>();
    const was = real.get(sku) ?? new Map<string, Sum>();
    if ([...said.values()].some((place) => place.placeless || place.returned !== 0))
      found.push(...compare(sku, total(said), total(was)));
    else
      for (const place of new Set([...said.keys(), ...was.keys()]))
        found.push(...compare(`${sku} at ${place}`, said.get(place) ?? none(), was.get(place) ?? none()));
  }
  return found;
}

function total(places: Map<string, Sum>): Sum {
  const sum = none();
  for (const place of places.values()) {
    sum.committed += place.committed;
    sum.out += place.out;
    sum.taken += place.taken;
    sum.returned += place.returned;
  }
  return sum;
}

function compare(what: string, told: Sum, book: Sum): string[] {
  const found: string[] = [];
  if (quantity(told.committed) !== quantity(book.committed))
    found.push(`${what}: documents say ${quantity(told.committed)} committed, the book ${quantity(book.committed)}`);
  for (const name of ['out', 'taken'] as const) {
    const [least, most] = [quantity(told[name] - told.returned), quantity(told[name])];
    const real = quantity(book[name]);
    if (real < least || real > most)
      found.push(`${what}: documents say ${least === most ? most : `${least} to ${most}`} ${name}, the book ${real}`);
  }
  return found;
}

/** Holds the levels a connector read (or wrote) against what the sandbox shows shoppers. */
export function levelDifferences(
  levels: RemoteLevel[],
  listings: Map<string, RemoteListing>,
  shown: ShownRow[],
): string[] {
  const skuOf = new Map([...listings.values()].map((listing) => [listing.stockKey, listing.sku]));
  const read = new Map(levels.map((level) => [`${skuOf.get(level.stockKey)} at ${level.location}`, level.available]));
  const found: string[] = [];
  for (const { sku, location, available } of shown) {
    const cell = `${sku} at ${location}`;
    if (read.get(cell) !== available) found.push(`${cell}: read ${read.get(cell)}, shown ${available}`);
    read.delete(cell);
  }
  for (const [cell, available] of read) found.push(`${cell}: read ${available}, but there is no such stock`);
  return found;
}
