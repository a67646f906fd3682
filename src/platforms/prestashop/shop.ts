import type { RemoteLocation } from '../../platform/contract.ts';
import type { PrestaConfig } from './config.ts';
import { apiRequest, type PrestaClient } from './request.ts';
import { answer, type Element } from './xml.ts';

const GROUP = 'group:';

/** Stock lies at a shop, or at a group of shops that share it. */
export const placeOf = (row: Element): string =>
  row['id_shop'] && row['id_shop'] !== '0' ? row['id_shop'] : `${GROUP}${row['id_shop_group'] ?? '0'}`;

/** Where an order's units lie: at its shop, unless its group shares the stock. */
export const orderPlace = (order: Element, sharing: ReadonlySet<string>): string | null => {
  const { id_shop, id_shop_group } = order;
  if (id_shop_group && sharing.has(id_shop_group)) return `${GROUP}${id_shop_group}`;
  return id_shop && id_shop !== '0' ? id_shop : null;
};

/** What the back office may change, asked for again after five minutes. */
const KEPT_MS = 300_000;

export interface Shop {
  /** Numbers of the order states that mean the goods have left. */
  shipped: ReadonlySet<string>;
  names: Map<string, string>;
  /** Numbers of the groups whose shops share their stock. */
  sharing: ReadonlySet<string>;
}

const kept = new WeakMap<object, { atMs: number; shop: Promise<Shop> }>();

export async function readShop(client: PrestaClient, config: PrestaConfig, maxAgeMs = KEPT_MS): Promise<Shop> {
  const known = kept.get(client);
  if (known && client.now() - known.atMs <= maxAgeMs) return known.shop;
  // Kept while it is under way, so that many at once ask once.
  const asked = { atMs: client.now(), shop: askShop(client, config) };
  kept.set(client, asked);
  try {
    return await asked.shop;
  } catch (error) {
    if (kept.get(client) === asked) kept.delete(client);
    throw error;
  }
}

async function askShop(client: PrestaClient, config: PrestaConfig): Promise<Shop> {
  const states = answer(
    await client.call('states', apiRequest(config, 'GET', '/order_states', { display: '[id,shipped]' })),
    'order_states',
    'order_state',
  );
  return {
    shipped: new Set(states.filter(({ shipped }) => shipped === '1').map(({ id }) => id!)),
    ...(await places(client, config)),
  };
}

/** One shop, and nothing to ask, unless Multistore is used. */
async function places(client: PrestaClient, config: PrestaConfig): Promise<Pick<Shop, 'names' | 'sharing'>> {
  const names = new Map<string, string>();
  const sharing = new Set<string>();
  const rows = answer(
    await client.call(
      'shops',
      apiRequest(config, 'GET', '/shops', { display: '[id,name,id_shop_group,active,deleted]' }),
    ),
    'shops',
    'shop',
  );
  for (const { id, name, deleted } of rows) if (id && deleted !== '1') names.set(id, name || `Shop ${id}`);
  const groups = [...new Set(rows.flatMap(({ id_shop_group }) => id_shop_group ?? []))];
  if (names.size > 1 && groups.length > 0) {
    const query = { display: '[id,name,share_stock]' };
    const found = answer(
      await client.call('shops', apiRequest(config, 'GET', '/shop_groups', query)),
      'shop_groups',
      'shop_group',
    );
    for (const { id, name, share_stock } of found)
      if (id && share_stock === '1') {
        sharing.add(id);
        names.set(`${GROUP}${id}`, name || `Group ${id}`);
        for (const row of rows) if (row['id_shop_group'] === id) names.delete(row['id']!);
      }
  }
  return { names, sharing };
}

export async function listLocations(client: PrestaClient, config: PrestaConfig): Promise<RemoteLocation[]> {
  const { names } = await readShop(client, config, 5_000);
  return [...names].map(([location, name]) => ({ location, name, active: true }));
}
