import { z } from 'zod';
import { NO_LOCATION, type RemoteLevel, type RemoteListing } from '../../platform/contract.ts';
import { id, maybeUnits, moment, text, units } from './shape.ts';

/** Stock stands as text, and is empty where nothing was ever counted. Old organizations say warehouse. */
const place = z.object({
  location_id: id.nullish(),
  warehouse_id: id.nullish(),
  location_actual_available_stock: units,
  warehouse_actual_available_stock: units,
});

export const itemShape = z.object({
  item_id: id,
  name: text,
  group_name: text,
  sku: text,
  upc: z.union([z.string(), z.number()]).nullish(),
  ean: z.union([z.string(), z.number()]).nullish(),
  item_type: text,
  track_inventory: z.boolean().nullish(),
  is_combo_product: z.boolean().nullish(),
  track_batch_number: z.boolean().nullish(),
  track_serial_number: z.boolean().nullish(),
  is_storage_location_enabled: z.boolean().nullish(),
  locations: z.array(place).nullish(),
  warehouses: z.array(place).nullish(),
  actual_available_stock: maybeUnits,
  available_stock: maybeUnits,
  last_modified_time: text,
});
export type ZohoItem = z.infer<typeof itemShape>;

/** `inventory`: its stock is counted. Only a single item's answer says `track_inventory`. */
const isTracked = (item: ZohoItem): boolean => item.track_inventory ?? item.item_type === 'inventory';

function reasonAgainst(item: ZohoItem): string | undefined {
  if (item.is_combo_product) return 'A composite item: Zoho makes it of its components, which have the stock';
  if (item.track_batch_number || item.track_serial_number)
    return 'Tracked by batch or serial number: only people can say which ones are there';
  if (item.is_storage_location_enabled) return 'Kept in bins: only people can say which one it lies in';
  return undefined;
}

export function listingOf(item: ZohoItem): RemoteListing {
  const unwritable = reasonAgainst(item);
  const barcode = [item.ean, item.upc].map((one) => String(one ?? '').trim()).find(Boolean);
  return {
    listing: item.item_id,
    stockKey: item.item_id,
    sku: item.sku?.trim() || null,
    barcode: barcode ?? null,
    title: item.name?.trim() || item.group_name?.trim() || item.item_id,
    tracked: isTracked(item),
    ...(unwritable && { unwritable }),
  };
}

/** Physical stock less what is promised, per place; one level where the organization has no locations. */
export function levelsOf(item: ZohoItem, readAt: string): RemoteLevel[] {
  const tracked = isTracked(item);
  const changedAt = moment(item.last_modified_time);
  const common = { stockKey: item.item_id, tracked, readAt, ...(changedAt && { changedAt }) };
  const places = [...(item.locations ?? []), ...(item.warehouses ?? [])];
  const known = places.flatMap((one) => {
    const location = one.location_id ?? one.warehouse_id;
    const available = one.location_id ? one.location_actual_available_stock : one.warehouse_actual_available_stock;
    return location ? [{ ...common, location, available }] : [];
  });
  // What is not counted has no place.
  if (known.length > 0 || !tracked) return known;
  return [{ ...common, location: NO_LOCATION, available: item.actual_available_stock ?? item.available_stock ?? 0 }];
}
