import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { ask, type SfccClient, scapiUrl } from './api.ts';
import { type SfccConfig, sitesOf } from './config.ts';
import { stockOf } from './stock.ts';

const anything = z.looseObject({});

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: SfccClient, config: SfccConfig): Promise<Check[]> {
  for (const site of sitesOf(config)) {
    const url = scapiUrl(config, 'checkout/orders', `/orders?siteId=${encodeURIComponent(site)}&limit=1`);
    await ask(client, 'orders', { method: 'GET', url }, anything);
  }
  const places = await stockOf(config).listLocations(client, config);
  const signed = Boolean(config.webhookSecret);
  return [
    { name: 'orders', ok: true, found: `The API client may read the orders of ${sitesOf(config).join(', ')}.` },
    {
      name: 'stock',
      ok: places.length > 0,
      found:
        places.length > 0 ? `Places: ${places.map(({ name }) => name).join(', ')}.` : 'There is no inventory list.',
      ...(places.length === 0 && {
        next: 'Make one in Business Manager > Merchant Tools > Products and Catalogs > Inventory.',
      }),
    },
    {
      name: 'signing key',
      ok: signed,
      found: signed
        ? 'The key of the cartridge is set.'
        : 'Without a key every notification is refused; orders are only polled.',
      ...(!signed && {
        next: 'Write the same long text here and in the password of the service credential onhand.credentials.',
      }),
    },
  ];
}
