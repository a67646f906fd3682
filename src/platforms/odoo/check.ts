import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { jsonRequest } from '../../platform/http.ts';
import { type OdooClient, searchRead } from './ask.ts';
import type { OdooConfig } from './config.ts';
import { readWarehouses } from './places.ts';
import { id } from './shape.ts';
import { readAnswer, rpc } from './wire.ts';

const row = z.array(z.object({ id }));
const told = z.object({ version: z.string().nullish(), server_version: z.string().nullish() });

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: OdooClient, config: OdooConfig): Promise<Check[]> {
  const places = (await readWarehouses(client, config)).filter(({ active }) => active);
  return [
    {
      name: 'warehouses',
      ok: places.length > 0,
      found: places.length > 0 ? `Warehouses: ${places.map(({ name }) => name).join(', ')}.` : 'There is no warehouse.',
      ...(places.length === 0 && { next: 'Install the app Inventory, or give the user the right to see it.' }),
    },
    await version(client, config),
    await readable(client, config, 'sales', 'sale.order', 'Sales / User: All Documents'),
    await readable(client, config, 'deliveries', 'stock.move', 'Inventory / User'),
    await readable(client, config, 'stock', 'stock.quant', 'Inventory / User'),
    ...(config.pointOfSale ? [await readable(client, config, 'tills', 'pos.order', 'Point of Sale / User')] : []),
    keyEnd(client, config),
  ];
}

async function version(client: OdooClient, config: OdooConfig): Promise<Check> {
  const request =
    config.protocol === 'json2'
      ? jsonRequest('GET', `${config.url}/web/version`)
      : rpc(config, 'common', 'version', []);
  const answer = readAnswer(await client.call('version', request));
  const parsed = told.safeParse(answer.kind === 'value' ? answer.value : undefined);
  const text = parsed.data?.version ?? parsed.data?.server_version ?? 'unknown';
  const major = /(\d+)(\.|$)/.exec(text)?.[1];
  const same = major === config.version || (config.version === '19' && Number(major) > 19);
  return {
    name: 'version',
    ok: same,
    found: `The server is Odoo ${text}.`,
    ...(!same && { next: `Write ${major ?? 'its version'} as the version in this channel's settings.` }),
  };
}

async function readable(
  client: OdooClient,
  config: OdooConfig,
  name: string,
  model: string,
  group: string,
): Promise<Check> {
  try {
    await searchRead(client, config, 'orders', { model, domain: [], fields: ['write_date'], limit: 1 }, row);
    return { name, ok: true, found: `${model} can be read.` };
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'key-refused') throw error;
    const known = error.code === 'right-missing' || error.code === 'no-such-method';
    if (!known) throw error;
    return { name, ok: false, found: error.message, next: `Install its app, and give the user the group ${group}.` };
  }
}

const DAY_MS = 86_400_000;
const WARN_DAYS = 14;

function keyEnd(client: OdooClient, config: OdooConfig): Check {
  if (!config.apiKeyEndsOn)
    return {
      name: 'API key',
      ok: true,
      found: 'Odoo does not tell when the key ends; write the day into the settings and Onhand warns before.',
    };
  const days = Math.floor((Date.parse(config.apiKeyEndsOn) - client.now()) / DAY_MS);
  return {
    name: 'API key',
    ok: days >= WARN_DAYS,
    found: `The key ends on ${config.apiKeyEndsOn}.`,
    ...(days < WARN_DAYS && { next: 'Make a new key (preferences of the user > Account Security) and paste it.' }),
  };
}
