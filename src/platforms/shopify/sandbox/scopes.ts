import { GraphqlProblem } from './run.ts';

/** Which scope a member needs; members without one are open to every token. */
const NEEDS: Record<string, string> = {
  'QueryRoot.orders': 'read_orders',
  'QueryRoot.order': 'read_orders',
  'QueryRoot.productVariants': 'read_products',
  'QueryRoot.productVariant': 'read_products',
  'QueryRoot.inventoryItem': 'read_inventory',
  'QueryRoot.inventoryItems': 'read_inventory',
  'QueryRoot.location': 'read_locations',
  'QueryRoot.locations': 'read_locations',
  'Location.inventoryLevels': 'read_inventory',
  'Order.fulfillmentOrders': 'read_merchant_managed_fulfillment_orders',
  'Order.returns': 'read_returns',
  'Mutation.inventorySetQuantities': 'write_inventory',
  'Mutation.inventoryAdjustQuantities': 'write_inventory',
};

/** @throws GraphqlProblem `ACCESS_DENIED`, in Shopify's words. A `write_` scope includes its `read_` one. */
export function guardWith(scopes: ReadonlySet<string>): (type: string, field: string) => void {
  return (type, field) => {
    const needed = NEEDS[`${type}.${field}`];
    if (!needed || scopes.has(needed) || scopes.has(needed.replace(/^read_/, 'write_'))) return;
    throw new GraphqlProblem(
      `Access denied for ${field} field. Required access: \`${needed}\` access scope.`,
      'ACCESS_DENIED',
      { documentation: 'https://shopify.dev/api/usage/access-scopes', requiredAccess: `\`${needed}\` access scope.` },
    );
  };
}
