import type { Page, RemoteListing, RemoteLocation } from '../../platform/contract.ts';
import { shaped } from './answer.ts';
import { getRequest, quoted, type SapClient, withQuery } from './api.ts';
import type { SapConfig } from './config.ts';
import { ITEM_FIELDS, isYes, item, page, type SapItem, WAREHOUSE_FIELDS, warehouse } from './shapes.ts';

/** Items per page; SAP gives 20 unless asked. */
const LIMIT = 500;

export async function readWarehouses(client: SapClient, config: SapConfig) {
  const found: ReturnType<typeof warehouse.parse>[] = [];
  for (let after: string | undefined; ; ) {
    const path = withQuery('/Warehouses', {
      select: WAREHOUSE_FIELDS,
      filter: after === undefined ? undefined : `WarehouseCode gt ${quoted(after)}`,
      orderby: 'WarehouseCode',
    });
    const answer = shaped(
      await client.call('warehouses', getRequest(config, path, LIMIT)),
      page(warehouse),
      '/Warehouses',
    );
    found.push(...answer.value);
    const last = answer.value.at(-1)?.WarehouseCode;
    if (!answer['@odata.nextLink'] || last === undefined || last === after) return found;
    after = last;
  }
}

/** Drop-ship warehouses hold no goods of the company. */
export async function listLocations(client: SapClient, config: SapConfig): Promise<RemoteLocation[]> {
  return (await readWarehouses(client, config)).map(({ WarehouseCode, WarehouseName, Inactive, DropShip }) => ({
    location: WarehouseCode,
    name: WarehouseName || WarehouseCode,
    active: !isYes(Inactive) && !isYes(DropShip),
  }));
}

/** By item code, from the last one told on: SAP's own pages count rows, and skip some when others go. */
export async function listListings(
  client: SapClient,
  config: SapConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const sold = "SalesItem eq 'tYES'";
  const path = withQuery('/Items', {
    select: ITEM_FIELDS,
    filter: cursor === null ? sold : `${sold} and ItemCode gt ${quoted(cursor)}`,
    orderby: 'ItemCode',
  });
  const answer = shaped(await client.call('items', getRequest(config, path, LIMIT)), page(item), '/Items');
  return { items: answer.value.map(listingOf), next: nextOf(answer, cursor) };
}

export function nextOf(
  answer: { value: { ItemCode: string }[]; '@odata.nextLink'?: string | null },
  cursor: string | null,
): string | null {
  const last = answer.value.at(-1)?.ItemCode;
  return answer['@odata.nextLink'] && last !== undefined && last !== cursor ? last : null;
}

function listingOf(row: SapItem): RemoteListing {
  const { ItemCode, ItemName, BarCode } = row;
  const managedBy = isYes(row.ManageSerialNumbers)
    ? 'serial numbers'
    : isYes(row.ManageBatchNumbers)
      ? 'batches'
      : undefined;
  const unwritable = whyUnwritable(row, managedBy);
  return {
    listing: ItemCode,
    stockKey: ItemCode,
    sku: ItemCode,
    ...(BarCode && { barcode: BarCode }),
    title: ItemName || ItemCode,
    // A sales bill of materials is sold as its components.
    tracked: isYes(row.InventoryItem) && row.TreeType !== 'iSalesTree',
    ...(unwritable && { unwritable }),
    ...(managedBy && { extra: { managedBy } }),
  };
}

function whyUnwritable(row: SapItem, managedBy: string | undefined): string | undefined {
  if (row.TreeType === 'iSalesTree')
    return 'a sales bill of materials has no stock of its own: map it to its components';
  if (!isYes(row.InventoryItem)) return 'no inventory item';
  if (managedBy) return `managed by ${managedBy}: a document would have to name each`;
  if (isYes(row.Frozen) || row.Valid === 'tNO') return 'inactive in SAP: no document can be posted for it';
  return undefined;
}
