import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { ask, type GeckoClient, id } from './api.ts';
import type { GeckoConfig } from './config.ts';
import { listLocations } from './levels.ts';

const current = z.object({ account: z.object({ id, name: z.string().nullish() }) });

/** Is the channel set up so that it can work? Says first that the vendor closed the service. */
export async function check(client: GeckoClient, config: GeckoConfig, closed: string): Promise<Check[]> {
  const { data } = await ask(client, config, 'account', { method: 'GET', path: '/accounts/current' }, current);
  const { id: account, name } = data.account;
  const same = account === config.account;
  const open = (await listLocations(client, config)).filter(({ active }) => active);
  return [
    {
      name: 'service',
      ok: true,
      found: `${closed} What answers at ${new URL(config.apiUrl).host} is not the vendor.`,
    },
    {
      name: 'account',
      ok: same,
      found: `The token belongs to ${name || 'an account without a name'} (${account}).`,
      ...(!same && { next: `Use a token of ${config.account}, or write ${account} as the account.` }),
    },
    {
      name: 'locations',
      ok: open.length > 0,
      found:
        open.length > 0
          ? `Locations with stock: ${open.map((one) => one.name).join(', ')}.`
          : 'No location holds stock.',
      ...(open.length === 0 && { next: 'Switch "Holds stock" on at one location.' }),
    },
    {
      name: 'signing secret',
      ok: Boolean(config.webhookSecret),
      found: config.webhookSecret
        ? 'The application’s secret is set.'
        : 'Without the application’s secret every webhook is refused.',
      ...(!config.webhookSecret && { next: 'Copy the secret of the OAuth application into webhookSecret.' }),
    },
  ];
}
