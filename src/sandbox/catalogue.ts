import type { SeedItem } from '../platform/sandbox.ts';
import type { Random } from '../runtime/random.ts';

/** An item as the shop owner knows it, with opening stock by the owner's own places. */
export interface WorldItem {
  sku: string;
  title: string;
  stock: Record<string, number>;
}

const THINGS = [
  'Mug',
  'Shirt',
  'Lamp',
  'Chair',
  'Candle',
  'Notebook',
  'Kettle',
  'Scarf',
  'Bowl',
  'Poster',
  'Clock',
  'Towel',
];
const LOOKS = ['Red', 'Blue', 'Green', 'Black', 'White', 'Oak', 'Sand', 'Rose', 'Slate', 'Amber', 'Ivory', 'Plum'];
/** SKUs that real shops have and that software stumbles over: a slash, a space, a hash, letters beyond ASCII, a percent. */
const AWKWARD = ['/', ' ', '#', 'é', '%', '+', '&'];

/**
 * N items with opening stock at every place. Most have little, a few have much (half the items below `medianStock`, one in
 * a hundred above twenty times that), as in a real warehouse; one SKU in 23 holds a character that breaks careless code.
 */
export function makeCatalogue(options: {
  items: number;
  locations: string[];
  random: Random;
  /** Default 20. */
  medianStock?: number;
}): WorldItem[] {
  const { items, locations, random, medianStock = 20 } = options;
  return Array.from({ length: items }, (_, index) => {
    const thing = THINGS[index % THINGS.length]!;
    const look = LOOKS[Math.floor(index / THINGS.length) % LOOKS.length]!;
    const number = String(index + 1).padStart(4, '0');
    const awkward = index % 23 === 22 ? AWKWARD[Math.floor(index / 23) % AWKWARD.length]! : '-';
    // 1/u − 1 has median 1 and a tail that falls like 1/x.
    const amount = () => Math.min(medianStock * 50, Math.round((1 / (1 - random()) - 1) * medianStock));
    return {
      sku: `${thing.toUpperCase()}${awkward}${look.toUpperCase()}-${number}`,
      title: `${thing} ${look} ${number}`,
      stock: Object.fromEntries(locations.map((location) => [location, amount()])),
    };
  });
}

/** One sandbox's places: the owner's place → the platform's id. A pool has one id that stands for all of them. */
export type PlaceMap = { kind: 'places'; idOf: Record<string, string> } | { kind: 'pool'; id: string; of: string[] };

/** The whole catalogue as one sandbox starts with it. A pool starts with the sum over the places it stands for. */
export function seedFor(items: WorldItem[], places: PlaceMap): SeedItem[] {
  return items.map(({ sku, title, stock }) => ({
    sku,
    title,
    stock:
      places.kind === 'pool'
        ? { [places.id]: places.of.reduce((sum, location) => sum + (stock[location] ?? 0), 0) }
        : Object.fromEntries(Object.entries(places.idOf).map(([location, id]) => [id, stock[location] ?? 0])),
  }));
}
