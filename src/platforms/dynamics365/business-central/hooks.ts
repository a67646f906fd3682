import { z } from 'zod';
import type { Check } from '../../../platform/contract.ts';
import { ask, type DynamicsClient } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { API_PATH, baseUrl, companyPath } from './address.ts';
import { TABLES } from './webhook.ts';

const subscription = z.object({
  '@odata.etag': z.string().nullish(),
  subscriptionId: z.string().min(1),
  notificationUrl: z.string(),
  resource: z.string(),
  expirationDateTime: z.string().nullish(),
});
type Subscription = z.infer<typeof subscription>;
const several = z.object({ value: z.array(subscription) });

/** They last three days; one that has less than this left is renewed whenever it is looked at. */
const RENEW_BELOW_MS = 2 * 86_400_000;

const resourceOf = (config: DynamicsConfig, table: string): string => `${API_PATH}/${companyPath(config)}/${table}`;

async function ours(client: DynamicsClient, config: DynamicsConfig, hookUrl: string): Promise<Subscription[]> {
  const { data } = await ask(client, 'hooks', { method: 'GET', url: `${baseUrl(config)}/subscriptions` }, several);
  return data.value.filter(({ notificationUrl }) => notificationUrl === hookUrl);
}

const find = (known: Subscription[], config: DynamicsConfig, table: string): Subscription | undefined =>
  known.find(({ resource }) => resource.toLowerCase().endsWith(`${companyPath(config)}/${table}`.toLowerCase()));

/** Both call our address first, and count only when it answers. */
async function create(client: DynamicsClient, config: DynamicsConfig, table: string, hookUrl: string, secret: string) {
  const body = { notificationUrl: hookUrl, resource: resourceOf(config, table), clientState: secret };
  await ask(client, 'hookWrite', { method: 'POST', url: `${baseUrl(config)}/subscriptions`, body }, z.unknown());
}

async function renewOne(client: DynamicsClient, config: DynamicsConfig, hook: Subscription, secret: string) {
  const body = { notificationUrl: hook.notificationUrl, resource: hook.resource, clientState: secret };
  const headers = { 'if-match': hook['@odata.etag'] ?? '*' };
  await ask(client, 'hookWrite', { method: 'PATCH', url: urlOf(config, hook), body, headers }, z.unknown());
}

const urlOf = (config: DynamicsConfig, { subscriptionId }: Subscription): string =>
  `${baseUrl(config)}/subscriptions('${encodeURIComponent(subscriptionId)}')`;

export async function subscribe(
  client: DynamicsClient,
  config: DynamicsConfig,
  hookUrl: string,
): Promise<{ config: Partial<DynamicsConfig>; did: string[] }> {
  const webhookSecret = config.webhookSecret ?? `${client.uuid()}${client.uuid()}`.replaceAll('-', '');
  const known = await ours(client, config, hookUrl);
  const did: string[] = [];
  for (const table of TABLES) {
    const hook = find(known, config, table);
    if (hook) await renewOne(client, config, hook, webhookSecret);
    else await create(client, config, table, hookUrl, webhookSecret);
    did.push(`${hook ? 'renewed' : 'registered'} notifications of ${table}`);
  }
  return { config: { webhookSecret }, did };
}

export async function unsubscribe(
  client: DynamicsClient,
  config: DynamicsConfig,
  hookUrl: string,
): Promise<{ did: string[] }> {
  const did: string[] = [];
  for (const hook of await ours(client, config, hookUrl)) {
    await client.call('hookWrite', {
      method: 'DELETE',
      url: urlOf(config, hook),
      headers: { 'if-match': hook['@odata.etag'] ?? '*' },
    });
    did.push(`removed the subscription of ${hook.resource}`);
  }
  return { did };
}

/** Renewed well before they end, and made again where a refused answer of ours deleted them. */
export async function checkSubscription(
  client: DynamicsClient,
  config: DynamicsConfig,
  hookUrl: string,
): Promise<Check[]> {
  const secret = config.webhookSecret;
  if (!secret)
    return [
      {
        name: 'notifications',
        ok: false,
        found: 'Onhand has not registered for notifications yet.',
        next: 'Connect the channel again, so that Onhand registers.',
      },
    ];
  const known = await ours(client, config, hookUrl);
  const did: string[] = [];
  for (const table of TABLES) {
    const hook = find(known, config, table);
    if (!hook) {
      await create(client, config, table, hookUrl, secret);
      did.push(`${table} registered again`);
    } else if (!(Date.parse(hook.expirationDateTime ?? '') > client.now() + RENEW_BELOW_MS)) {
      await renewOne(client, config, hook, secret);
      did.push(`${table} renewed`);
    }
  }
  const found = did.length > 0 ? `Put right: ${did.join(', ')}.` : 'All subscriptions are there.';
  return [{ name: 'notifications', ok: true, found }];
}
