/** The kinds of objects whose ids cross between webhooks (plain numbers) and GraphQL (`gid://shopify/Order/6100…`). */
export type Kind = 'Order' | 'InventoryItem' | 'Location' | 'ProductVariant';

/** `6100` → `gid://shopify/Order/6100`. Something that is a gid already stays as it is. */
export function gid(kind: Kind, id: string): string {
  return id.startsWith('gid://') ? id : `gid://shopify/${kind}/${id}`;
}

/**
 * `gid://shopify/Order/6100` → `6100`: the form webhooks carry, and the one we keep, so that both ways name one thing.
 * Anything behind a `?` belongs to Shopify's own addressing (`InventoryLevel/1?inventory_item_id=2`).
 */
export function plainId(id: string): string {
  return id.replace(/^gid:\/\/shopify\/[A-Za-z]+\//, '').replace(/\?.*$/, '');
}
