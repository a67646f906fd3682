import { z } from 'zod';
import type { Check } from '../../../platform/contract.ts';
import { Failure } from '../../../platform/failure.ts';
import { ask, type Cin7Client, query } from '../api.ts';
import type { Cin7Config } from '../config.ts';
import { EVENT_TYPES } from '../webhook.ts';

const hook = z.object({
  ID: z.string().min(1),
  Type: z.string().nullish(),
  IsActive: z.boolean().nullish(),
  ExternalURL: z.string().nullish(),
  ExternalAuthorizationType: z.string().nullish(),
  ExternalBearerToken: z.string().nullish(),
});
type Hook = z.infer<typeof hook>;
const answer = z.object({ Webhooks: z.array(hook).nullish() });

const PATH = '/webhooks';

/** Registers one webhook per type, or puts it right. They carry a word of ours, because Cin7 signs nothing. */
export async function subscribeCore(
  client: Cin7Client,
  config: Cin7Config,
  hookUrl: string,
): Promise<{ config: Partial<Cin7Config>; did: string[] }> {
  const did: string[] = [];
  const webhookSecret = config.webhookSecret ?? `${client.uuid()}${client.uuid()}`.replaceAll('-', '');
  const all = await ours(client, config, hookUrl);
  for (const Type of EVENT_TYPES) {
    const [found, ...others] = all.filter((one) => one.Type === Type);
    for (const other of others) {
      await remove(client, config, other);
      did.push(`removed a second webhook for ${Type}`);
    }
    const good = found?.IsActive !== false && found?.ExternalBearerToken === webhookSecret;
    if (found && good) continue;
    const body = {
      ...(found && { ID: found.ID }),
      Type,
      IsActive: true,
      ExternalURL: hookUrl,
      ExternalAuthorizationType: 'bearerauth',
      ExternalBearerToken: webhookSecret,
      ExternalHeaders: [],
    };
    await ask(client, config, 'hookWrite', { method: found ? 'PUT' : 'POST', path: PATH, body }, z.unknown());
    did.push(
      !found ? `registered ${Type}` : found.IsActive === false ? `switched ${Type} on again` : `corrected ${Type}`,
    );
  }
  return { config: { webhookSecret }, did };
}

export async function unsubscribeCore(
  client: Cin7Client,
  config: Cin7Config,
  hookUrl: string,
): Promise<{ did: string[] }> {
  const did: string[] = [];
  for (const one of await ours(client, config, hookUrl)) {
    await remove(client, config, one);
    did.push(`removed the webhook for ${one.Type ?? 'an unknown type'}`);
  }
  return { did };
}

/** After six failures Cin7 switches a webhook off and says nothing: here it is switched on again. */
export async function checkHooks(client: Cin7Client, config: Cin7Config, hookUrl: string): Promise<Check[]> {
  const { did } = await subscribeCore(client, config, hookUrl);
  return [
    {
      name: 'webhooks',
      ok: true,
      found: did.length > 0 ? `Put right: ${did.join(', ')}.` : 'All webhooks are there and switched on.',
    },
  ];
}

async function ours(client: Cin7Client, config: Cin7Config, hookUrl: string): Promise<Hook[]> {
  const { data } = await ask(client, config, 'hooks', { path: PATH }, answer);
  return (data.Webhooks ?? []).filter(({ ExternalURL }) => ExternalURL === hookUrl);
}

async function remove(client: Cin7Client, config: Cin7Config, { ID }: Hook): Promise<void> {
  try {
    await ask(client, config, 'hookWrite', { method: 'DELETE', path: `${PATH}${query({ ID })}` }, z.unknown());
  } catch (error) {
    // Gone is gone.
    if (!(error instanceof Failure) || error.failure !== 'gone') throw error;
  }
}
