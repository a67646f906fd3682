import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { allPages, apiRequest, type BigClient, id } from './api.ts';
import type { BigConfig } from './config.ts';
import { KEY_HEADER } from './webhook.ts';

/**
 * Orders, and stock that was changed by people or by us. Stock that an order changed has scopes of its own
 * (`…/inventory/order/updated`): the order tells that already.
 */
const SCOPES: readonly string[] = [
  'store/order/created',
  'store/order/updated',
  'store/order/statusUpdated',
  'store/order/archived',
  'store/order/refund/created',
  'store/product/inventory/updated',
  'store/sku/inventory/updated',
  'store/product/created',
  'store/product/deleted',
];

const hookShape = z.object({ id, scope: z.string(), destination: z.string(), is_active: z.boolean() });
type Hook = z.infer<typeof hookShape>;

/** Registers what is missing and switches on what is off; safe to repeat. A new hook needs up to a minute to work. */
export async function subscribe(client: BigClient, config: BigConfig, hookUrl: string): Promise<{ did: string[] }> {
  const did: string[] = [];
  const headers = config.hookKey ? { [KEY_HEADER]: config.hookKey } : null;
  const ours = await ourHooks(client, config, hookUrl);
  for (const scope of SCOPES) {
    const kept = ours.find((one) => one.scope === scope);
    if (!kept) {
      const body = { scope, destination: hookUrl, is_active: true, headers };
      await client.call('hookCreate', apiRequest(config, 'POST', '/v3/hooks', {}, body));
      did.push(`registered ${scope}`);
    } else if (!kept.is_active || config.hookKey) {
      const body = { is_active: true, headers };
      await client.call('hookUpdate', apiRequest(config, 'PUT', `/v3/hooks/${kept.id}`, {}, body));
      if (!kept.is_active) did.push(`switched ${scope} on again`);
    }
  }
  return { did };
}

export async function unsubscribe(client: BigClient, config: BigConfig, hookUrl: string): Promise<{ did: string[] }> {
  const did: string[] = [];
  for (const one of await ourHooks(client, config, hookUrl)) {
    try {
      await client.call('hookDelete', apiRequest(config, 'DELETE', `/v3/hooks/${one.id}`));
    } catch (error) {
      // Gone is gone.
      if (!(error instanceof Failure && error.failure === 'gone')) throw error;
    }
    did.push(`removed ${one.scope}`);
  }
  return { did };
}

/** BigCommerce switches a hook off after two days of failures, or ninety days without an event: it is switched on here. */
export async function checkSubscription(client: BigClient, config: BigConfig, hookUrl: string): Promise<Check[]> {
  const { did } = await subscribe(client, config, hookUrl);
  const found =
    did.length > 0
      ? `All ${SCOPES.length} webhooks reach us again (${did.join(', ')}).`
      : `All ${SCOPES.length} webhooks are active.`;
  return [...addressChecks(hookUrl), { name: 'webhooks', ok: true, found }];
}

function addressChecks(hookUrl: string): Check[] {
  const hook = new URL(hookUrl);
  if (hook.protocol === 'https:' && hook.port === '') return [];
  return [
    {
      name: 'webhook address',
      ok: false,
      found: `BigCommerce sends to https on port 443 only, and our address is ${hook.origin}.`,
      next: 'Let a proxy or tunnel on port 443 lead to Onhand and set ONHAND_PUBLIC_URL to it.',
    },
  ];
}

const ourHooks = (client: BigClient, config: BigConfig, destination: string): Promise<Hook[]> =>
  allPages(client, config, 'hooks', '/v3/hooks', { destination, limit: 250 }, hookShape).then((hooks) =>
    hooks.filter((one) => one.destination === destination),
  );
