import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type CloverClient, elements, merchantUrl } from './api.ts';
import { readMerchant } from './catalogue.ts';
import type { CloverConfig } from './config.ts';

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: CloverClient, config: CloverConfig): Promise<Check[]> {
  const merchant = await readMerchant(client, config);
  const same = merchant.id === config.account;
  return [
    {
      name: 'merchant',
      ok: same,
      found: `The token belongs to ${merchant.name || 'a merchant without a name'} (${merchant.id}).`,
      ...(!same && { next: `Write ${merchant.id} as the merchant ID, or use a token of ${config.account}.` }),
    },
    await may(client, config, 'inventory', 'items', '/items?limit=1', 'Read Inventory'),
    await may(client, config, 'orders', 'orderFeed', '/orders?limit=1', 'Read Orders'),
    ...(await counting(client, config)),
    webhook(config),
  ];
}

/** Clover answers a missing permission like a wrong token, so each is tried. */
async function may(
  client: CloverClient,
  config: CloverConfig,
  name: string,
  op: 'items' | 'orderFeed',
  path: string,
  permission: string,
): Promise<Check> {
  const allowed = await ask(client, op, { method: 'GET', url: merchantUrl(config, path) }, elements).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Failure && error.failure === 'auth') return false;
      throw error;
    },
  );
  return {
    name,
    ok: allowed,
    found: allowed ? `May ${permission.toLowerCase()}.` : `May not ${permission.toLowerCase()}.`,
    ...(!allowed && {
      next: `Give the token or app the permission "${permission}". For an app the merchant must install it again after that.`,
    }),
  };
}

const properties = z.object({ trackStock: z.boolean().nullish(), updateStock: z.boolean().nullish() });

/** What the merchant ticked under Inventory > Setup, as far as Clover tells. */
async function counting(client: CloverClient, config: CloverConfig): Promise<Check[]> {
  const told = await ask(
    client,
    'properties',
    { method: 'GET', url: merchantUrl(config, '/properties') },
    properties,
  ).then(
    ({ data }) => data,
    (error: unknown): z.infer<typeof properties> => {
      // Not every token may see them; a person can look.
      if (error instanceof Failure && ['auth', 'gone', 'rejected'].includes(error.failure)) return {};
      throw error;
    },
  );
  const where = 'Merchant Dashboard > Inventory > Setup';
  const tracks = told.trackStock !== false;
  const updates = told.updateStock ?? config.updatesStock;
  const agrees = updates === config.updatesStock;
  return [
    {
      name: 'track stock',
      ok: tracks,
      found:
        told.trackStock === true
          ? 'Clover counts stock.'
          : tracks
            ? `Clover does not tell whether it counts stock: look under ${where}.`
            : 'Clover does not count stock, so its numbers mean nothing.',
      ...(!tracks && { next: `Tick "Track stock" under ${where}.` }),
    },
    {
      name: 'update after each sale',
      ok: agrees,
      found: `${updates ? 'Clover lowers its own count at each sale' : 'Clover leaves its count alone at a sale'}${agrees ? '.' : ', and the settings here say otherwise.'}`,
      ...(!agrees && {
        next: `Tick "Update item count after each sale" under ${where}, or change the setting here to ${updates}.`,
      }),
    },
  ];
}

/** Without a webhook the orders are asked for every ten seconds: slower, and nothing is missed. */
function webhook(config: CloverConfig): Check {
  const ready = Boolean(config.webhookSecret);
  return {
    name: 'auth code',
    ok: ready,
    found: ready ? 'The Clover Auth Code is set.' : 'Without the Clover Auth Code every webhook is refused.',
    ...(!ready && {
      next: 'Enter the address of this channel in Developer Dashboard > your app > App Settings > Webhooks, verify it, and copy the Clover Auth Code into the settings.',
    }),
  };
}
