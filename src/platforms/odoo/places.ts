import { z } from 'zod';
import type { RemoteLocation } from '../../platform/contract.ts';
import { type OdooClient, searchRead } from './ask.ts';
import type { OdooConfig } from './config.ts';
import { flag, id, numeric, reference, text } from './shape.ts';

const warehouse = z.object({ id, name: text, active: flag, view_location_id: reference, lot_stock_id: reference });

/** A warehouse is a place; the shelves below it are Odoo's own affair. */
export interface Warehouse {
  id: string;
  name: string;
  active: boolean;
  /** Above all its locations. */
  view: string;
  /** Where goods without a shelf lie. */
  stock: string;
}

/** All of them, archived ones too: their old deliveries may still change. */
export async function readWarehouses(client: OdooClient, config: OdooConfig): Promise<Warehouse[]> {
  const { data } = await searchRead(
    client,
    config,
    'places',
    {
      model: 'stock.warehouse',
      domain: [],
      fields: ['name', 'active', 'view_location_id', 'lot_stock_id'],
      context: { active_test: false },
    },
    z.array(warehouse),
  );
  return data.flatMap((one) =>
    one.view_location_id && one.lot_stock_id
      ? [
          {
            id: one.id,
            name: one.name?.trim() || one.id,
            active: one.active,
            view: one.view_location_id,
            stock: one.lot_stock_id,
          },
        ]
      : [],
  );
}

export async function listLocations(client: OdooClient, config: OdooConfig): Promise<RemoteLocation[]> {
  const all = await readWarehouses(client, config);
  return all.map(({ id: location, name, active }) => ({ location, name, active }));
}

const location = z.object({ id, usage: text, warehouse_id: reference });

/** What a location is for (internal, customer, inventory …), and the warehouse it lies in. */
export interface Spot {
  usage: string | null;
  warehouse: string | null;
}

export async function readSpots(
  client: OdooClient,
  config: OdooConfig,
  ids: Iterable<string>,
): Promise<Map<string, Spot>> {
  const wanted = numeric(new Set(ids));
  if (wanted.length === 0) return new Map();
  const { data } = await searchRead(
    client,
    config,
    'places',
    {
      model: 'stock.location',
      domain: [['id', 'in', wanted]],
      fields: ['usage', 'warehouse_id'],
      context: { active_test: false },
    },
    z.array(location),
  );
  return new Map(data.map((one) => [one.id, { usage: one.usage, warehouse: one.warehouse_id }]));
}
