import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type LightspeedXClient } from './api.ts';
import type { LightspeedXConfig } from './config.ts';
import { reasonsFor } from './reasons.ts';
import { EVENT_TYPES } from './webhook.ts';

const hook = z.object({
  id: z.string().min(1),
  type: z.string().nullish(),
  url: z.string().nullish(),
  active: z.boolean().nullish(),
});
type Hook = z.infer<typeof hook>;

const several = z.union([
  z.array(hook),
  z.object({ data: z.array(hook).nullish() }).transform(({ data }) => data ?? []),
]);

const PATH = '/webhooks';

/** One address per type; the word for unsigned ones stands in it too. */
function addressOf(hookUrl: string, type: string, config: LightspeedXConfig): string {
  const url = new URL(hookUrl);
  url.searchParams.set('type', type);
  if (config.webhookToken) url.searchParams.set('key', config.webhookToken);
  return url.href;
}

/** Registers one hook per type, or switches it on again; and makes Onhand's adjustment reasons. Safe to repeat. */
export async function subscribe(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  hookUrl: string,
): Promise<{ config: Partial<LightspeedXConfig>; did: string[] }> {
  const did: string[] = [];
  const all = await ours(client, config, hookUrl);
  for (const type of EVENT_TYPES) {
    const url = addressOf(hookUrl, type, config);
    const [found, ...others] = all.filter((one) => one.type === type).sort((one) => (one.url === url ? -1 : 1));
    for (const other of others) {
      await remove(client, config, other);
      did.push(`removed a second webhook for ${type}`);
    }
    if (found?.url === url && found.active !== false) continue;
    const body = { active: true, type, url };
    if (found) {
      await write(client, config, 'PUT', `${PATH}/${encodeURIComponent(found.id)}`, body);
      did.push(`corrected the webhook for ${type}`);
    } else {
      await create(client, config, body);
      did.push(`registered ${type}`);
    }
  }
  const reasons = await reasonsFor(client, config);
  return { config: { reasonOutId: reasons.out, reasonInId: reasons.in }, did };
}

export async function unsubscribe(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  hookUrl: string,
): Promise<{ did: string[] }> {
  const did: string[] = [];
  for (const one of await ours(client, config, hookUrl)) {
    await remove(client, config, one);
    did.push(`removed the webhook for ${one.type ?? 'an unknown type'}`);
  }
  return { did };
}

/** Is each hook still there and switched on? What is not is put right here. */
export async function checkSubscription(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  hookUrl: string,
): Promise<Check[]> {
  const { did } = await subscribe(client, config, hookUrl);
  return [
    {
      name: 'webhooks',
      ok: true,
      found: did.length > 0 ? `Put right: ${did.join(', ')}.` : 'All webhooks are there and switched on.',
    },
  ];
}

/** Whatever its query: the word in it may have been changed. */
async function ours(client: LightspeedXClient, config: LightspeedXConfig, hookUrl: string): Promise<Hook[]> {
  const { data } = await ask(client, config, 'hooks', { method: 'GET', path: PATH }, several);
  return data.filter(({ url }) => url === hookUrl || url?.startsWith(`${hookUrl}?`));
}

const write = (
  client: LightspeedXClient,
  config: LightspeedXConfig,
  method: 'POST' | 'PUT',
  path: string,
  body: unknown,
) => ask(client, config, 'hookWrite', { method, path, body }, z.unknown());

async function create(client: LightspeedXClient, config: LightspeedXConfig, body: { type: string; url: string }) {
  try {
    await write(client, config, 'POST', PATH, body);
  } catch (error) {
    // The same type and address is there: made by a call whose answer was lost.
    if (!(error instanceof Failure) || error.failure !== 'conflict') throw error;
  }
}

async function remove(client: LightspeedXClient, config: LightspeedXConfig, { id }: Hook): Promise<void> {
  try {
    const path = `${PATH}/${encodeURIComponent(id)}`;
    await ask(client, config, 'hookWrite', { method: 'DELETE', path }, z.unknown());
  } catch (error) {
    // Gone is gone.
    if (!(error instanceof Failure) || error.failure !== 'gone') throw error;
  }
}
