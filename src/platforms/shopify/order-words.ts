/** How Shopify's words about an order are read, the same whether they came by webhook (lower case) or GraphQL (upper). */

const UNPAID = new Set(['pending', 'authorized', 'partially_paid', 'expired', 'voided']);

/** Unknown words and none count as paid: a sale that is not counted oversells, one too many only waits. */
export const isPaid = (financialStatus: string | null | undefined): boolean =>
  !UNPAID.has((financialStatus ?? 'paid').toLowerCase());

/** Orders taken by Shopify's own tills, pages and staff; every other source name belongs to an app. */
const OWN_SOURCES = new Set([
  'web',
  'pos',
  'shopify_draft_order',
  'iphone',
  'android',
  'checkout_next',
  'subscription_contract',
]);

/**
 * `pos` for everything rung up at a till: third-party tills write their own source name, but only a till has a place.
 * Else the source name as it is, `web` where there is none.
 */
export function sourceOf(sourceName: string | null | undefined, till: string | null): string {
  if (till !== null) return 'pos';
  return sourceName?.trim().toLowerCase() || 'web';
}

/**
 * An order that an app brought in and that carries that system's own number may be a copy of an order taken there. A till
 * writes its receipt number into the same field: that is no copy.
 */
export function originOf(
  sourceName: string | null | undefined,
  sourceIdentifier: string | null | undefined,
  till: string | null,
): { source: string; id: string } | undefined {
  const source = sourceOf(sourceName, till);
  const id = sourceIdentifier?.trim();
  return id && !OWN_SOURCES.has(source) ? { source, id } : undefined;
}

/** What a shipment's status means: gone, promised to go, or undone. A hand-made shipment may have none: it went. */
export function shipmentOf(status: string | null | undefined): 'gone' | 'handed-over' | 'undone' {
  const word = (status ?? 'success').toLowerCase();
  if (word === 'cancelled' || word === 'error' || word === 'failure') return 'undone';
  return word === 'pending' || word === 'open' ? 'handed-over' : 'gone';
}

/**
 * What a refund's restock type means: `return` came back after shipping, `cancel` never went and is free again, `not` is money
 * only. Old refunds say `legacy_restock`, which is either; they are `return` if anything of the line had been shipped.
 */
export function restockOf(type: string, shipped: boolean): 'return' | 'cancel' | 'not' {
  const word = type.toLowerCase();
  if (word === 'return' || word === 'cancel') return word;
  if (word === 'legacy_restock') return shipped ? 'return' : 'cancel';
  return 'not';
}
