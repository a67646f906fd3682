import { z } from 'zod';
import { type Check, NO_LOCATION, type RemoteLocation } from '../../../platform/contract.ts';
import { ask, type DynamicsClient, odata } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { baseUrl, companyUrl } from './address.ts';

const companies = z.object({ value: z.array(z.object({ id: z.string(), name: z.string() })) });

async function companyName(client: DynamicsClient, config: DynamicsConfig) {
  const { data } = await ask(client, 'identity', { method: 'GET', url: `${baseUrl(config)}/companies` }, companies);
  const found = data.value.find(({ id }) => id.toLowerCase() === config.account.toLowerCase());
  return { name: found?.name, all: data.value };
}

/** The standard API shows one number per item, so a company is one place. */
export async function listLocations(client: DynamicsClient, config: DynamicsConfig): Promise<RemoteLocation[]> {
  const { name } = await companyName(client, config);
  return [{ location: NO_LOCATION, name: name || 'All locations', active: true }];
}

export async function check(client: DynamicsClient, config: DynamicsConfig): Promise<Check[]> {
  const { name, all } = await companyName(client, config);
  const company: Check = {
    name: 'company',
    ok: name !== undefined,
    found:
      name === undefined
        ? `${config.account} is not among the companies of ${config.environment}.`
        : `The company is ${name}.`,
    ...(name === undefined && {
      next: `Write one of these as the account: ${all.map((one) => `${one.id} (${one.name})`).join(', ') || 'none is visible, check the app’s permissions'}.`,
    }),
  };
  if (!company.ok) return [company];
  const rows = z.object({ value: z.array(z.unknown()) });
  const checks = [company];
  for (const table of ['items', 'salesOrders', 'itemLedgerEntries']) {
    const url = odata(`${companyUrl(config)}/${table}`, { top: '1' });
    await ask(client, 'identity', { method: 'GET', url }, rows);
    checks.push({ name: table, ok: true, found: `The app may read ${table}.` });
  }
  return checks;
}
