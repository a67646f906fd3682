/** Ids as Shopify's: one number range per kind, no two shops alike. 15 digits: exact in every JSON reader. */
const KINDS = {
  product: 1,
  variant: 2,
  inventoryItem: 3,
  order: 4,
  line: 5,
  /** Shipments, refunds, returns: the book numbers them together. */
  document: 6,
  fulfillmentOrder: 7,
  hook: 8,
  adjustment: 9,
} as const;

export type ShopIds = Record<keyof typeof KINDS, (seq: number) => string>;

export function makeIds(shop: string): ShopIds {
  let base = 0;
  for (const letter of shop) base = (base * 31 + letter.charCodeAt(0)) % 10_000;
  const of = (kind: number) => (seq: number) => String(kind * 1e14 + base * 1e10 + seq);
  return Object.fromEntries(Object.entries(KINDS).map(([name, kind]) => [name, of(kind)])) as ShopIds;
}

/** What the book counted when it made this id. */
export const seqOf = (id: string): number => Number(id) % 1e10;

export const gid = (kind: string, id: string): string => `gid://shopify/${kind}/${id}`;

/** The kind and number of a gid; undefined for anything else. */
export function readGid(text: unknown): { kind: string; id: string } | undefined {
  const match = typeof text === 'string' ? /^gid:\/\/shopify\/([A-Za-z]+)\/([^/?]+)(?:\?.*)?$/.exec(text) : null;
  return match ? { kind: match[1]!, id: match[2]! } : undefined;
}
