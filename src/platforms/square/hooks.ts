import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, following, type SquareClient } from './api.ts';
import type { SquareConfig } from './config.ts';
import { EVENT_TYPES } from './webhook.ts';

const subscription = z.object({
  id: z.string().min(1),
  enabled: z.boolean().nullish(),
  event_types: z.array(z.string()).nullish(),
  notification_url: z.string().nullish(),
  api_version: z.string().nullish(),
  signature_key: z.string().nullish(),
});
type Subscription = z.infer<typeof subscription>;

const one = z.object({ subscription });
const several = z.object({ subscriptions: z.array(subscription).nullish(), cursor: z.string().nullish() });
const rotated = z.object({ signature_key: z.string().min(1) });

const PATH = '/v2/webhooks/subscriptions';

/**
 * Registers one subscription for the application, or puts an existing one right. It serves every seller of the application:
 * the second seller finds the first one's. Hands back the signature key and the address, because both are signed with.
 */
export async function subscribe(
  client: SquareClient,
  config: SquareConfig,
  hookUrl: string,
): Promise<{ config: Partial<SquareConfig>; did: string[] }> {
  const did: string[] = [];
  const [first, ...doubles] = await ours(client, config, hookUrl);
  // Each signs with a key of its own: what a second one sends would be refused.
  for (const double of doubles) {
    await remove(client, config, double);
    did.push(`removed a second subscription (${double.id})`);
  }
  let hook: Subscription;
  if (!first) {
    hook = await create(client, config, hookUrl);
    did.push(`registered ${EVENT_TYPES.length} event types`);
  } else if (faultsOf(first, config).length > 0) {
    hook = await repair(client, config, first);
    did.push(`corrected: ${faultsOf(first, config).join(', ')}`);
  } else hook = first;
  const webhookSecret = hook.signature_key || (await keyOf(client, config, hook, did));
  return { config: { webhookSecret, notificationUrl: hookUrl }, did };
}

export async function unsubscribe(
  client: SquareClient,
  config: SquareConfig,
  hookUrl: string,
): Promise<{ did: string[] }> {
  const did: string[] = [];
  for (const hook of await ours(client, config, hookUrl)) {
    await remove(client, config, hook);
    did.push(`removed the subscription ${hook.id}`);
  }
  return { did };
}

/** Square switches a subscription off after three weeks without one good answer; it is switched on again here. */
export async function checkSubscription(client: SquareClient, config: SquareConfig, hookUrl: string): Promise<Check[]> {
  const [hook] = await ours(client, config, hookUrl);
  if (!hook)
    return [
      {
        name: 'webhook',
        ok: false,
        found: `The application has no subscription for ${hookUrl}.`,
        next: 'Connect the channel again, so that Onhand registers it.',
      },
    ];
  const faults = faultsOf(hook, config);
  if (faults.length > 0) await repair(client, config, hook);
  const sameKey = !hook.signature_key || hook.signature_key === config.webhookSecret;
  const sameUrl = config.notificationUrl === hookUrl;
  return [
    {
      name: 'webhook',
      ok: true,
      found:
        faults.length > 0
          ? `The subscription was put right (${faults.join(', ')}).`
          : 'The subscription is there and switched on.',
    },
    {
      name: 'webhook signature',
      ok: sameKey && sameUrl,
      found:
        sameKey && sameUrl
          ? 'Key and address are those that Square signs with.'
          : 'Square signs with another key or address than the settings have.',
      ...(!(sameKey && sameUrl) && { next: 'Connect the channel again, so that Onhand fetches the signature key.' }),
    },
  ];
}

/** What is wrong with a subscription, in words. */
function faultsOf(hook: Subscription, config: SquareConfig): string[] {
  const types = new Set(hook.event_types ?? []);
  const missing = EVENT_TYPES.filter((type) => !types.has(type));
  return [
    ...(hook.enabled === false ? ['it was switched off'] : []),
    ...(missing.length > 0 ? [`it did not send ${missing.join(', ')}`] : []),
    ...(hook.api_version && hook.api_version !== config.apiVersion ? [`its version was ${hook.api_version}`] : []),
  ];
}

async function ours(client: SquareClient, config: SquareConfig, hookUrl: string): Promise<Subscription[]> {
  const found: Subscription[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const call = { method: 'GET' as const, path: `${PATH}?include_disabled=true${page}` };
    const { data } = await ask(client, config, 'hooks', call, several);
    found.push(...(data.subscriptions ?? []).filter((hook) => hook.notification_url === hookUrl));
    cursor = following(data.cursor, cursor);
    if (cursor === null) return found;
  }
}

async function create(client: SquareClient, config: SquareConfig, hookUrl: string): Promise<Subscription> {
  const body = {
    idempotency_key: client.uuid(),
    subscription: {
      name: 'Onhand',
      enabled: true,
      event_types: [...EVENT_TYPES],
      notification_url: hookUrl,
      api_version: config.apiVersion,
    },
  };
  const { data } = await ask(client, config, 'hookWrite', { method: 'POST', path: PATH, body }, one);
  return data.subscription;
}

/** Event types that somebody else added stay. */
async function repair(client: SquareClient, config: SquareConfig, hook: Subscription): Promise<Subscription> {
  const event_types = [...new Set([...(hook.event_types ?? []), ...EVENT_TYPES])];
  const body = { subscription: { enabled: true, event_types, api_version: config.apiVersion } };
  const call = { method: 'PUT' as const, path: `${PATH}/${encodeURIComponent(hook.id)}`, body };
  const { data } = await ask(client, config, 'hookWrite', call, one);
  return { ...hook, ...data.subscription };
}

/** Square tells the key with the subscription; where it does not, a new one is made, because only that is told. */
async function keyOf(client: SquareClient, config: SquareConfig, hook: Subscription, did: string[]): Promise<string> {
  const path = `${PATH}/${encodeURIComponent(hook.id)}`;
  const { data } = await ask(client, config, 'hooks', { method: 'GET', path }, one);
  if (data.subscription.signature_key) return data.subscription.signature_key;
  const call = { method: 'POST' as const, path: `${path}/signature-key`, body: { idempotency_key: client.uuid() } };
  const answer = await ask(client, config, 'hookWrite', call, rotated);
  did.push('had a new signature key made');
  return answer.data.signature_key;
}

async function remove(client: SquareClient, config: SquareConfig, { id }: Subscription): Promise<void> {
  try {
    await ask(
      client,
      config,
      'hookWrite',
      { method: 'DELETE', path: `${PATH}/${encodeURIComponent(id)}` },
      z.object({}),
    );
  } catch (error) {
    // Gone is gone.
    if (!(error instanceof Failure) || error.failure !== 'gone') throw error;
  }
}
