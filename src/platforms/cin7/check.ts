import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type Cin7Client } from './api.ts';
import type { Cin7Config } from './config.ts';
import { readPlaces } from './core/places.ts';
import { listBranches } from './omni/catalogue.ts';
import { pollOmni } from './omni/feed.ts';
import { listOmniLevels } from './omni/levels.ts';

const me = z.object({ Company: z.string().nullish(), LockDate: z.string().nullish() });

/** Is the channel set up so that it can work? Every failed test says where to go. */
export async function check(client: Cin7Client, config: Cin7Config): Promise<Check[]> {
  return config.product === 'omni' ? checkOmni(client, config) : checkCore(client, config);
}

async function checkCore(client: Cin7Client, config: Cin7Config): Promise<Check[]> {
  const { data } = await ask(client, config, 'me', { path: '/me' }, me);
  const open = (await readPlaces(client, config)).all.filter(({ active }) => active);
  const ready = Boolean(config.webhookSecret);
  return [
    { name: 'account', ok: true, found: `The key belongs to ${data.Company || 'a company without a name'}.` },
    places(
      open.map(({ name }) => name),
      'Settings > Reference Books > Locations & Bins',
    ),
    {
      name: 'webhooks',
      ok: true,
      found: ready
        ? 'The word that webhooks carry is set.'
        : 'No webhooks yet: sales are polled until Onhand has registered them (they need the Automation module).',
    },
  ];
}

/** An API connection of Omni is allowed module by module. */
async function checkOmni(client: Cin7Client, config: Cin7Config): Promise<Check[]> {
  const since = new Date(client.now()).toISOString();
  const branches = await listBranches(client, config);
  return [
    places(
      branches.filter(({ active }) => active).map(({ name }) => name),
      'Settings > Branches',
    ),
    await tried('stock', () => listOmniLevels(client, config, null)),
    await tried('sales orders', () => pollOmni(client, config, 'orders', null, since)),
    await tried('credit notes', () => pollOmni(client, config, 'returns', null, since)),
    {
      name: 'meaning of a quantity',
      ok: true,
      found: `A line of an adjustment is taken as ${config.omniQuantity === 'counted' ? 'the counted number' : 'a difference'}. Prove it with one unit before the channel goes live.`,
    },
  ];
}

function places(names: string[], where: string): Check {
  return {
    name: 'locations',
    ok: names.length > 0,
    found: names.length > 0 ? `Locations: ${names.join(', ')}.` : 'There is no open location.',
    ...(names.length === 0 && { next: `Open one in Cin7: ${where}.` }),
  };
}

async function tried(module: string, work: () => Promise<unknown>): Promise<Check> {
  try {
    await work();
    return { name: module, ok: true, found: `The API connection may read ${module}.` };
  } catch (error) {
    if (!(error instanceof Failure) || error.failure !== 'auth') throw error;
    return {
      name: module,
      ok: false,
      found: error.message,
      next: `Allow ${module} for the API connection in Cin7 Omni: Settings > Integrations & API > API v1 > Permissions.`,
    };
  }
}
