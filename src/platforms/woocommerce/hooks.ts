import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { WooConfig } from './config.ts';
import { apiRequest, type WooClient } from './request.ts';
import { answer, id } from './shape.ts';

/** There is no topic "order completed": stock moves long before that. */
export const TOPICS: readonly string[] = [
  'order.created',
  'order.updated',
  'order.deleted',
  'order.restored',
  'product.created',
  'product.updated',
  'product.deleted',
];

const hookShape = z.object({ id, topic: z.string(), status: z.string(), delivery_url: z.string() });
type Hook = z.infer<typeof hookShape>;

const PER_PAGE = 100;

/**
 * Registers what is missing and turns on what is off. The secret cannot be read back, so it is set anew wherever a webhook
 * is touched. Safe to repeat.
 */
export async function subscribe(client: WooClient, config: WooConfig, hookUrl: string): Promise<{ did: string[] }> {
  const secret = secretOf(config);
  const did: string[] = [];
  const ours = (await listHooks(client, config)).filter((one) => one.delivery_url === hookUrl);
  for (const topic of TOPICS) {
    const [kept, ...double] = ours.filter((one) => one.topic === topic);
    for (const one of double) {
      await remove(client, config, one);
      did.push(`removed a second ${topic}`);
    }
    if (!kept) {
      const body = { name: `Onhand ${topic}`, topic, delivery_url: hookUrl, secret, status: 'active' };
      await client.call('hookCreate', apiRequest(client, config, 'POST', '/webhooks', {}, body));
      did.push(`registered ${topic}`);
      continue;
    }
    const body = { secret, status: 'active' };
    await client.call('hookUpdate', apiRequest(client, config, 'PUT', `/webhooks/${kept.id}`, {}, body));
    if (kept.status !== 'active') did.push(`switched ${topic} on again (it was ${kept.status})`);
  }
  return { did };
}

export async function unsubscribe(client: WooClient, config: WooConfig, hookUrl: string): Promise<{ did: string[] }> {
  const did: string[] = [];
  for (const one of await listHooks(client, config)) {
    if (one.delivery_url !== hookUrl) continue;
    await remove(client, config, one);
    did.push(`removed ${one.topic}`);
  }
  return { did };
}

/** WooCommerce disables a webhook after more than five failures in a row, for good: it is turned on again here. */
export async function checkSubscription(client: WooClient, config: WooConfig, hookUrl: string): Promise<Check[]> {
  const before = (await listHooks(client, config)).filter((one) => one.delivery_url === hookUrl);
  const missing = TOPICS.filter((topic) => !before.some((one) => one.topic === topic && one.status === 'active'));
  const { did } = missing.length > 0 ? await subscribe(client, config, hookUrl) : { did: [] };
  return [
    ...addressChecks(config, hookUrl),
    {
      name: 'webhooks',
      ok: true,
      found:
        did.length > 0
          ? `All ${TOPICS.length} topics reach us again (${did.join(', ')}).`
          : `All ${TOPICS.length} topics are active.`,
    },
  ];
}

/**
 * WordPress sends to no port but 80, 443, 8080 and the shop's own (wp_http_validate_url), and says nothing about it. This
 * machine's own address is left out: nobody's shop is there but a test's.
 */
function addressChecks(config: WooConfig, hookUrl: string): Check[] {
  const [hook, shop] = [new URL(hookUrl), new URL(config.url)];
  const port = hook.port || (hook.protocol === 'https:' ? '443' : '80');
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(hook.hostname);
  if (isHere || ['80', '443', '8080'].includes(port) || hook.host === shop.host) return [];
  return [
    {
      name: 'webhook address',
      ok: false,
      found: `WordPress sends to the ports 80, 443 and 8080 only, and our address ${hook.host} has ${port}: no webhook will come, and nobody is told.`,
      next: 'Let a proxy on port 443 lead to Onhand and set ONHAND_PUBLIC_URL to it, or add the port by the WordPress filter http_allowed_safe_ports.',
    },
  ];
}

function secretOf(config: WooConfig): string {
  if (config.webhookSecret) return config.webhookSecret;
  throw new Failure(
    'rejected',
    'no-secret',
    'No webhook secret is set. Make up a long one and put it into the settings; the shop is given it with each webhook.',
  );
}

async function listHooks(client: WooClient, config: WooConfig): Promise<Hook[]> {
  const found = new Map<string, Hook>();
  for (let offset = 0; ; offset += PER_PAGE) {
    const query = { per_page: PER_PAGE, offset, orderby: 'id', order: 'asc' };
    const some = answer(
      await client.call('hooks', apiRequest(client, config, 'GET', '/webhooks', query)),
      z.array(hookShape),
    );
    for (const one of some) found.set(one.id, one);
    if (some.length < PER_PAGE) return [...found.values()];
  }
}

async function remove(client: WooClient, config: WooConfig, hook: Hook): Promise<void> {
  try {
    await client.call('hookDelete', apiRequest(client, config, 'DELETE', `/webhooks/${hook.id}`, { force: 'true' }));
  } catch (error) {
    // Gone is gone.
    if (!(error instanceof Failure && error.failure === 'gone')) throw error;
  }
}
