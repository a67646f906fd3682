import { z } from 'zod';
import type { Page, RemoteListing, RemoteLocation } from '../../platform/contract.ts';
import type { ShopifyConfig } from './config.ts';
import { LISTINGS, LOCATIONS } from './documents.ts';
import { ask, connection, following, type ShopifyClient } from './graphql.ts';
import { plainId } from './ids.ts';

const locations = z.object({
  locations: connection(
    z.object({ id: z.string(), name: z.string(), isActive: z.boolean(), isFulfillmentService: z.boolean() }),
  ),
});

/** Every place, closed ones included (`active: false`). */
export async function listLocations(client: ShopifyClient, config: ShopifyConfig): Promise<RemoteLocation[]> {
  const found: RemoteLocation[] = [];
  for (let after: string | null = null; ; ) {
    const page = await ask(client, config, 'locations', LOCATIONS, { after }, locations);
    for (const { id, name, isActive, isFulfillmentService } of page.locations.nodes) {
      const note = isFulfillmentService ? ' (fulfilment service: its own app writes this stock)' : '';
      found.push({ location: plainId(id), name: `${name}${note}`, active: isActive });
    }
    after = following(page.locations.pageInfo, after);
    if (after === null) return found;
  }
}

const listings = z.object({
  productVariants: connection(
    z.object({
      id: z.string(),
      sku: z.string().nullable(),
      barcode: z.string().nullable(),
      displayName: z.string(),
      requiresComponents: z.boolean(),
      inventoryItem: z.object({ id: z.string(), tracked: z.boolean() }),
    }),
  ),
});

/**
 * Variants in the order of their ids, so that a product changed meanwhile neither hides nor doubles another. Order lines carry
 * the variant, stock hangs on its inventory item.
 */
export async function listListings(
  client: ShopifyClient,
  config: ShopifyConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const { productVariants } = await ask(client, config, 'listings', LISTINGS, { after: cursor }, listings);
  return {
    items: productVariants.nodes.map((variant) => ({
      listing: plainId(variant.id),
      stockKey: plainId(variant.inventoryItem.id),
      sku: variant.sku?.trim() ? variant.sku : null,
      barcode: variant.barcode,
      title: variant.displayName,
      tracked: variant.inventoryItem.tracked,
      ...(variant.requiresComponents && {
        unwritable: 'bundle parent: Shopify computes its stock from the components',
      }),
    })),
    next: following(productVariants.pageInfo, cursor),
  };
}
