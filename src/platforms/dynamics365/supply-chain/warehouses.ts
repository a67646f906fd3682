import { z } from 'zod';
import type { RemoteLocation } from '../../../platform/contract.ts';
import { ask, type DynamicsClient, following } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { dataUrl, rowsOf } from './address.ts';

const rows = z.object({
  value: z.array(
    z.object({
      WarehouseId: z.string().min(1),
      WarehouseName: z.string().nullish(),
      OperationalSiteId: z.string().nullish(),
    }),
  ),
  '@odata.nextLink': z.string().nullish(),
});

export interface Warehouse {
  id: string;
  name: string;
  site: string;
}

/** Warehouses of the legal entity with their sites: Inventory Visibility wants both. */
export async function readWarehouses(client: DynamicsClient, config: DynamicsConfig): Promise<Map<string, Warehouse>> {
  const found = new Map<string, Warehouse>();
  const select = 'WarehouseId,WarehouseName,OperationalSiteId';
  for (let url: string | null = rowsOf(config, 'Warehouses', { select }); url !== null; ) {
    const { data }: { data: z.infer<typeof rows> } = await ask(client, 'places', { method: 'GET', url }, rows);
    for (const { WarehouseId: id, WarehouseName, OperationalSiteId } of data.value)
      found.set(id, { id, name: WarehouseName || id, site: OperationalSiteId ?? '' });
    url = following(data['@odata.nextLink'], dataUrl(config));
  }
  return found;
}

export const listLocations = async (client: DynamicsClient, config: DynamicsConfig): Promise<RemoteLocation[]> =>
  [...(await readWarehouses(client, config)).values()].map(({ id, name }) => ({ location: id, name, active: true }));
