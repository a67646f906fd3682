import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { ShopifyConfig } from './config.ts';
import { HOOK_CREATE, HOOK_DELETE, HOOKS } from './documents.ts';
import { API_VERSION } from './facts.ts';
import { ask, connection, following, type ShopifyClient } from './graphql.ts';

/** What we listen to. `orders/updated` follows every change; the others are faster, or say what it does not. */
export const TOPICS = [
  'ORDERS_CREATE',
  'ORDERS_UPDATED',
  'ORDERS_CANCELLED',
  'ORDERS_EDITED',
  'ORDERS_DELETE',
  'REFUNDS_CREATE',
  'RETURNS_CLOSE',
  'INVENTORY_LEVELS_UPDATE',
  'INVENTORY_LEVELS_CONNECT',
  'INVENTORY_LEVELS_DISCONNECT',
  'INVENTORY_ITEMS_UPDATE',
  'PRODUCTS_CREATE',
  'PRODUCTS_UPDATE',
  'APP_UNINSTALLED',
] as const;

const hook = z.object({
  id: z.string(),
  topic: z.string(),
  uri: z.string(),
  format: z.string(),
  includeFields: z.array(z.string()),
  filter: z.string().nullable(),
  apiVersion: z.object({ handle: z.string() }),
});
type Hook = z.infer<typeof hook>;

const userErrors = z.array(z.object({ field: z.array(z.string()).nullable(), message: z.string() }));

/** Registers every topic that does not reach us yet. Safe to repeat. */
export async function subscribe(
  client: ShopifyClient,
  config: ShopifyConfig,
  hookUrl: string,
): Promise<{ did: string[] }> {
  const did: string[] = [];
  const ours = (await listHooks(client, config)).filter(({ uri }) => uri === hookUrl);
  // One that leaves out fields or orders would look as if all were well: it is replaced.
  for (const poor of ours.filter((one) => !isWhole(one))) {
    await remove(client, config, poor);
    did.push(`removed ${poor.topic}: it left something out`);
  }
  const there = new Set(ours.filter(isWhole).map(({ topic }) => topic));
  for (const topic of TOPICS) {
    if (there.has(topic)) continue;
    await create(client, config, topic, hookUrl);
    did.push(`registered ${topic}`);
  }
  return { did };
}

export async function unsubscribe(
  client: ShopifyClient,
  config: ShopifyConfig,
  hookUrl: string,
): Promise<{ did: string[] }> {
  const did: string[] = [];
  for (const one of await listHooks(client, config)) {
    if (one.uri !== hookUrl) continue;
    await remove(client, config, one);
    did.push(`removed ${one.topic}`);
  }
  return { did };
}

/** Shopify deletes a subscription after 8 failed deliveries in a row, without a word: what is missing is registered again. */
export async function checkSubscription(
  client: ShopifyClient,
  config: ShopifyConfig,
  hookUrl: string,
): Promise<Check[]> {
  const { did } = await subscribe(client, config, hookUrl);
  const ours = (await listHooks(client, config)).filter((one) => one.uri === hookUrl);
  const missing = TOPICS.filter((topic) => !ours.some((one) => one.topic === topic));
  const versions = [...new Set(ours.map(({ apiVersion }) => apiVersion.handle))];
  const sameVersion = versions.every((version) => version === API_VERSION);
  return [
    {
      name: 'webhooks',
      ok: missing.length === 0,
      found:
        missing.length > 0
          ? `Missing: ${missing.join(', ')}.`
          : did.length > 0
            ? `All ${TOPICS.length} topics reach us again (${did.join(', ')}).`
            : `All ${TOPICS.length} topics reach us.`,
      ...(missing.length > 0 && { next: 'Connect the channel again, or grant the scopes that these topics need.' }),
    },
    {
      name: 'webhook version',
      ok: sameVersion,
      found: `Webhooks come in API version ${versions.join(', ') || 'unknown'}.`,
      ...(!sameVersion && { next: `Set the webhooks API version of the app to ${API_VERSION} in the Dev Dashboard.` }),
    },
  ];
}

const isWhole = ({ format, includeFields, filter }: Hook): boolean =>
  format === 'JSON' && includeFields.length === 0 && !filter;

async function listHooks(client: ShopifyClient, config: ShopifyConfig): Promise<Hook[]> {
  const found: Hook[] = [];
  const shape = z.object({ webhookSubscriptions: connection(hook) });
  for (let after: string | null = null; ; ) {
    const { webhookSubscriptions } = await ask(client, config, 'hooks', HOOKS, { after }, shape);
    found.push(...webhookSubscriptions.nodes);
    after = following(webhookSubscriptions.pageInfo, after);
    if (after === null) return found;
  }
}

async function create(client: ShopifyClient, config: ShopifyConfig, topic: string, uri: string): Promise<void> {
  const variables = { topic, hook: { uri, format: 'JSON' } };
  const shape = z.object({ webhookSubscriptionCreate: z.object({ userErrors }).nullable() });
  const { webhookSubscriptionCreate: made } = await ask(client, config, 'hookCreate', HOOK_CREATE, variables, shape);
  // "Address for this topic has already been taken": somebody else, or our own lost answer, was faster.
  const error = made?.userErrors.find(({ message }) => !/already been taken/i.test(message));
  if (error) throw new Failure('rejected', 'hook-refused', `Shopify refused the webhook ${topic}: ${error.message}`);
}

async function remove(client: ShopifyClient, config: ShopifyConfig, { id, topic }: Hook): Promise<void> {
  const shape = z.object({ webhookSubscriptionDelete: z.object({ userErrors }).nullable() });
  const { webhookSubscriptionDelete: gone } = await ask(client, config, 'hookDelete', HOOK_DELETE, { id }, shape);
  // "Webhook subscription does not exist": gone is gone.
  const error = gone?.userErrors.find(({ message }) => !/does not exist/i.test(message));
  if (error) throw new Failure('rejected', 'hook-refused', `Shopify kept the webhook ${topic}: ${error.message}`);
}
