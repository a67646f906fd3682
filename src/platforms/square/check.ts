import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type SquareClient } from './api.ts';
import type { SquareConfig } from './config.ts';
import { readLocations } from './places.ts';

/** What the application must be allowed. */
export const SCOPES = [
  'ITEMS_READ',
  'INVENTORY_READ',
  'INVENTORY_WRITE',
  'ORDERS_READ',
  'PAYMENTS_READ',
  'MERCHANT_PROFILE_READ',
] as const;

const merchant = z.object({ merchant: z.object({ id: z.string(), business_name: z.string().nullish() }) });
const status = z.object({ scopes: z.array(z.string()).nullish() });

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: SquareClient, config: SquareConfig): Promise<Check[]> {
  const { data } = await ask(client, config, 'merchant', { method: 'GET', path: '/v2/merchants/me' }, merchant);
  const { id, business_name: name } = data.merchant;
  const same = id === config.account;
  return [
    {
      name: 'seller',
      ok: same,
      found: `The token belongs to ${name || 'a seller without a name'} (${id}).`,
      ...(!same && { next: `Use a token of ${config.account}, or write ${id} as the merchant ID.` }),
    },
    await scopes(client, config),
    await places(client, config),
    await webhook(config),
  ];
}

/** A personal token may do everything, and Square may not list that. */
async function scopes(client: SquareClient, config: SquareConfig): Promise<Check> {
  const told = await ask(
    client,
    config,
    'tokenStatus',
    { method: 'POST', path: '/oauth2/token/status', body: {} },
    status,
  ).then(
    ({ data }): string[] => data.scopes ?? [],
    (error: unknown) => {
      if (error instanceof Failure && (error.failure === 'rejected' || error.failure === 'gone')) return [];
      throw error;
    },
  );
  const missing = told.length === 0 ? [] : SCOPES.filter((scope) => !(told as string[]).includes(scope));
  return {
    name: 'scopes',
    ok: missing.length === 0,
    found:
      told.length === 0
        ? 'Square does not list what this token may do; a personal access token may do everything.'
        : missing.length === 0
          ? 'The application may do all that is needed.'
          : `Missing: ${missing.join(', ')}.`,
    ...(missing.length > 0 && { next: 'Authorize the application again with these scopes.' }),
  };
}

async function places(client: SquareClient, config: SquareConfig): Promise<Check> {
  const open = (await readLocations(client, config)).data.filter(({ active }) => active);
  return {
    name: 'locations',
    ok: open.length > 0,
    found: open.length > 0 ? `Open locations: ${open.map(({ name }) => name).join(', ')}.` : 'No open location.',
    ...(open.length === 0 && { next: 'Open one in Square Dashboard > Settings > Account & Settings > Locations.' }),
  };
}

function webhook(config: SquareConfig): Check {
  const ready = Boolean(config.webhookSecret && config.notificationUrl);
  return {
    name: 'signing secret',
    ok: ready,
    found: ready
      ? 'Signature key and notification URL are set.'
      : 'Without signature key and notification URL every webhook is refused.',
    ...(!ready && {
      next: 'Let Onhand register the webhook, or copy both from Developer Console > your application > Webhooks > Subscriptions.',
    }),
  };
}
