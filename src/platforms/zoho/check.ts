import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type ZohoClient } from './api.ts';
import { listLocations } from './catalogue.ts';
import type { ZohoConfig } from './config.ts';
import { id, text } from './shape.ts';

/** What the Self Client must be allowed to read. */
type Module = 'items' | 'salesorders' | 'salesreturns' | 'packages' | 'inventoryadjustments';

const organizations = z.object({
  organizations: z.array(z.object({ organization_id: id, name: text, plan_name: text })),
});
const anything = z.object({});

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: ZohoClient, config: ZohoConfig): Promise<Check[]> {
  const { data } = await ask(client, config, 'organizations', { path: '/organizations' }, organizations);
  const own = data.organizations.find((one) => one.organization_id === config.account);
  const others = data.organizations.map((one) => `${one.name ?? '?'} (${one.organization_id})`).join(', ');
  if (!own)
    return [
      {
        name: 'organization',
        ok: false,
        found: `The user sees ${others || 'no organization'}.`,
        next: 'Write one of these IDs as the account, or choose the other data centre.',
      },
    ];
  const places = await listLocations(client, config);
  return [
    { name: 'organization', ok: true, found: `${own.name ?? config.account}, plan ${own.plan_name ?? 'unknown'}.` },
    { name: 'locations', ok: true, found: `Locations: ${places.map(({ name }) => name).join(', ')}.` },
    await readable(client, config, 'items', 'items'),
    await readable(client, config, 'salesorders', 'orderFeed'),
    await readable(client, config, 'salesreturns', 'returns'),
    await readable(client, config, 'packages', 'orderFeed'),
    await readable(client, config, 'inventoryadjustments', 'adjustments'),
    {
      name: 'webhook secret',
      ok: Boolean(config.webhookSecret),
      found: config.webhookSecret
        ? 'A secret for the address of the workflow rules is set.'
        : 'Without a secret every webhook is refused; orders are polled.',
      ...(!config.webhookSecret && { next: 'Write a long random text as webhookSecret, and into the address.' }),
    },
  ];
}

async function readable(
  client: ZohoClient,
  config: ZohoConfig,
  module: Module,
  op: 'items' | 'orderFeed' | 'returns' | 'adjustments',
): Promise<Check> {
  try {
    await ask(client, config, op, { path: `/${module}`, query: { page: 1, per_page: 1 } }, anything);
    return { name: module, ok: true, found: `${module} can be read.` };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'scope-missing') throw error;
    const next = `Make a new code in the API Console with ZohoInventory.${module}.READ among its scopes.`;
    return { name: module, ok: false, found: error.message, next };
  }
}
