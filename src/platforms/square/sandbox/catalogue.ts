import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { StockItem } from '../../../platform/sandbox-kit/index.ts';
import { BAD_CURSOR, invalid, iso, limitOf, notFound, pageCursor, positionOf, textList } from './answers.ts';
import { itemIdOf, itemNotes, PRICE_CENTS, type Seller } from './seller.ts';

const PAGE = 100;

/** `GET /v2/catalog/list`: items with their variations inside, variations alone as objects of their own. */
export function listCatalog(types: string[], cursor: string | null, seller: Seller): HttpResponse {
  return pageOf(types.length === 0 ? ['ITEM', 'ITEM_VARIATION'] : types, false, cursor, PAGE, seller);
}

export function searchCatalog(body: Record<string, unknown>, seller: Seller): HttpResponse {
  const types = textList(body['object_types']);
  if (types === undefined) return invalid('EXPECTED_ARRAY', 'object_types must be a list.', 'object_types');
  const limit = limitOf(body['limit'], PAGE, 1_000);
  if (limit === undefined) return invalid('INVALID_VALUE', 'limit must be 1 to 1000.', 'limit');
  const unknown = Object.keys(body).find(
    (name) => !['object_types', 'limit', 'cursor', 'include_deleted_objects'].includes(name),
  );
  if (unknown !== undefined) return invalid('NOT_IMPLEMENTED', `The stand-in does not know ${unknown}.`, unknown);
  return pageOf(types ?? ['ITEM'], body['include_deleted_objects'] === true, body['cursor'], limit, seller);
}

export function retrieveObjects(body: Record<string, unknown>, seller: Seller): HttpResponse {
  const ids = textList(body['object_ids']);
  if (!ids || ids.length > 1_000) return invalid('INVALID_VALUE', 'object_ids must hold up to 1000 ids.', 'object_ids');
  const objects = [...new Set(ids)].flatMap((id) => objectOf(id, seller) ?? []);
  return jsonResponse(200, objects.length > 0 ? { objects } : {});
}

export function retrieveObject(id: string, seller: Seller): HttpResponse {
  const object = objectOf(id, seller);
  return object ? jsonResponse(200, { object }) : notFound(`Catalog object with ID ${id} not found.`);
}

function objectOf(id: string, seller: Seller): Record<string, unknown> | undefined {
  const variation = seller.book.shelves.itemById(id);
  if (variation) return itemNotes(variation).deleted ? undefined : variationNode(variation, seller);
  const item = seller.book.shelves.itemById(id.replace('ITEMPARENT', 'VARIATION'));
  return item && id === itemIdOf(item) && !itemNotes(item).deleted ? itemNode(item, seller) : undefined;
}

function pageOf(types: string[], deleted: boolean, cursor: unknown, limit: number, seller: Seller): HttpResponse {
  const query = { types, deleted };
  const position = positionOf(cursor, query);
  if (position === undefined) return BAD_CURSOR;
  const { items } = seller.book.shelves;
  const objects: Record<string, unknown>[] = [];
  let seq = position?.['seq'] ?? 0;
  for (const item of items.slice(seq)) {
    const nodes =
      itemNotes(item).deleted && !deleted
        ? []
        : [
            ...(types.includes('ITEM') ? [itemNode(item, seller)] : []),
            ...(types.includes('ITEM_VARIATION') ? [variationNode(item, seller)] : []),
          ];
    if (objects.length > 0 && objects.length + nodes.length > limit) break;
    objects.push(...nodes);
    seq = item.seq;
  }
  return jsonResponse(200, {
    ...(objects.length > 0 && { objects }),
    ...(seq < items.length && { cursor: pageCursor(query, { seq }) }),
    latest_time: iso(seller.options.clock.now()),
  });
}

function envelope(type: string, id: string, item: StockItem, seller: Seller): Record<string, unknown> {
  return {
    type,
    id,
    updated_at: iso(seller.catalogVersion),
    version: seller.catalogVersion,
    is_deleted: itemNotes(item).deleted === true,
    present_at_all_locations: true,
  };
}

function itemNode(item: StockItem, seller: Seller): Record<string, unknown> {
  return {
    ...envelope('ITEM', itemIdOf(item), item, seller),
    item_data: { name: item.title, product_type: 'REGULAR', variations: [variationNode(item, seller)] },
  };
}

function variationNode(item: StockItem, seller: Seller): Record<string, unknown> {
  const { trackedAt, convertedFrom } = itemNotes(item);
  return {
    ...envelope('ITEM_VARIATION', item.id, item, seller),
    item_variation_data: {
      item_id: itemIdOf(item),
      name: 'Regular',
      sku: item.sku,
      ordinal: 0,
      pricing_type: 'FIXED_PRICING',
      price_money: { amount: PRICE_CENTS, currency: seller.currency },
      track_inventory: item.tracked,
      sellable: true,
      stockable: convertedFrom === undefined,
      ...(convertedFrom !== undefined && {
        stockable_conversion: {
          stockable_item_variation_id: convertedFrom,
          stockable_quantity: '1',
          nonstockable_quantity: '5',
        },
      }),
      ...(trackedAt && {
        location_overrides: [...trackedAt].map(([location_id, track_inventory]) => ({ location_id, track_inventory })),
      }),
    },
  };
}
