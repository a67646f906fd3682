import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { listLocations } from './catalogue.ts';
import type { ShopifyConfig } from './config.ts';
import { INSTALLATION } from './documents.ts';
import { ask, type ShopifyClient } from './graphql.ts';

/** Without one of these, some call or webhook of ours is refused. `write_…` includes `read_…`. */
export const SCOPES = [
  'read_orders',
  'read_products',
  'read_inventory',
  'write_inventory',
  'read_locations',
  'read_returns',
  'read_merchant_managed_fulfillment_orders',
] as const;

const installation = z.object({
  shop: z.object({ myshopifyDomain: z.string(), name: z.string() }),
  currentAppInstallation: z.object({
    accessScopes: z.array(z.object({ handle: z.string() })),
    app: z.object({ webhookApiVersion: z.string() }),
  }),
});

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: ShopifyClient, config: ShopifyConfig): Promise<Check[]> {
  const { shop, currentAppInstallation } = await ask(client, config, 'installation', INSTALLATION, {}, installation);
  const scopes = new Set(currentAppInstallation.accessScopes.map(({ handle }) => handle));
  const has = (scope: string) => scopes.has(scope) || scopes.has(scope.replace(/^read_/, 'write_'));
  const missing = SCOPES.filter((scope) => !has(scope));
  const sameShop = shop.myshopifyDomain.toLowerCase() === config.account;
  const checks: Check[] = [
    {
      name: 'shop',
      ok: sameShop,
      found: `The token belongs to ${shop.name} (${shop.myshopifyDomain}).`,
      ...(!sameShop && { next: `Use a token of ${config.account}, or change the shop in the settings.` }),
    },
    {
      name: 'scopes',
      ok: missing.length === 0,
      found: missing.length === 0 ? 'The app may do all that is needed.' : `Missing scopes: ${missing.join(', ')}.`,
      ...(missing.length > 0 && {
        next: 'Add them under Dev Dashboard > your app > Versions > Access scopes, release, and install the app again.',
      }),
    },
    {
      name: 'older orders',
      ok: true,
      found: has('read_all_orders')
        ? 'Orders of any age can be read.'
        : 'Only orders of the last 60 days can be read; older open orders must be entered by hand when a location opens.',
    },
    {
      name: 'signing secret',
      ok: Boolean(config.webhookSecret),
      found: config.webhookSecret ? 'A signing secret is set.' : 'No signing secret is set: every webhook is refused.',
      ...(!config.webhookSecret && {
        next: 'Copy the client secret from Dev Dashboard > your app > Settings into the settings.',
      }),
    },
  ];
  if (has('read_locations')) checks.push(await places(client, config));
  return checks;
}

async function places(client: ShopifyClient, config: ShopifyConfig): Promise<Check> {
  const open = (await listLocations(client, config)).filter(({ active }) => active);
  return {
    name: 'locations',
    ok: open.length > 0,
    found: open.length > 0 ? `Open locations: ${open.map(({ name }) => name).join(', ')}.` : 'No open location.',
    ...(open.length === 0 && { next: 'Open one under Settings > Locations in the Shopify admin.' }),
  };
}
