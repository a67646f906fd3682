import type { Page, RemoteListing, RemoteLocation } from '../../platform/contract.ts';
import type { NetsuiteConfig } from './config.ts';
import { isId, type NetsuiteClient, type Row, suiteql } from './suiteql.ts';

const ITEMS_PER_PAGE = 500;

/** Item types that a sales order can carry and that stand for goods. */
const TYPES = "'InvtPart', 'Assembly', 'Kit', 'NonInvtPart'";

export async function listLocations(client: NetsuiteClient, config: NetsuiteConfig): Promise<RemoteLocation[]> {
  const where = config.subsidiary ? ` WHERE subsidiary = ${config.subsidiary}` : '';
  const q = `SELECT id, name, isinactive FROM location${where} ORDER BY id`;
  const { rows } = await suiteql(client, config, 'locations', q);
  return rows.flatMap(({ id, name, isinactive }) =>
    isId(id) ? [{ location: id, name: name ?? `Location ${id}`, active: isinactive !== 'T' }] : [],
  );
}

/** By internal ID: items that come while the pages are read stand at the end. */
export async function listListings(
  client: NetsuiteClient,
  config: NetsuiteConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const after = isId(cursor ?? undefined) ? cursor : '0';
  const columns = 'id, itemid, fullname, displayname, upccode, externalid, itemtype, islotitem, isserialitem, usebins';
  const q = `SELECT ${columns} FROM item WHERE itemtype IN (${TYPES}) AND isinactive = 'F' AND id > ${after} ORDER BY id`;
  const { rows, more } = await suiteql(client, config, 'items', q, ITEMS_PER_PAGE);
  const last = rows.at(-1)?.['id'];
  return {
    items: rows.flatMap((row) => listingOf(row, config) ?? []),
    next: more && isId(last) && last !== after ? last : null,
  };
}

function listingOf(row: Row, config: NetsuiteConfig): RemoteListing | undefined {
  const { id, itemid, fullname, displayname, upccode } = row;
  if (!isId(id)) return undefined;
  const unwritable = whyUnwritable(row);
  return {
    listing: id,
    stockKey: id,
    sku: row[config.skuField]?.trim() || null,
    ...(upccode?.trim() && { barcode: upccode.trim() }),
    title: displayname || fullname || itemid || `Item ${id}`,
    tracked: row['itemtype'] === 'InvtPart' || row['itemtype'] === 'Assembly',
    ...(unwritable && { unwritable }),
  };
}

function whyUnwritable(row: Row): string | undefined {
  if (row['itemtype'] === 'Kit') return 'a kit has no stock of its own: map it to its members';
  if (row['itemtype'] === 'NonInvtPart') return 'a non-inventory item is not counted';
  if (row['isserialitem'] === 'T') return 'serialized: an adjustment would have to name each serial number';
  if (row['islotitem'] === 'T') return 'lot numbered: an adjustment would have to name each lot';
  if (row['usebins'] === 'T') return 'uses bins: an adjustment would have to name each bin';
  return undefined;
}
