import { availableOf, type StockItem } from '../../../platform/sandbox-kit/index.ts';
import type { Parent, Shop } from './shop.ts';

const PRICE = '10.00';
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export const local = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

export const links = (shop: Shop, path: string, collection: string, up?: string): Record<string, unknown> => {
  const at = (where: string) => `https://${shop.options.name}.example/wp-json/wc/v3${where}`;
  return {
    self: [{ href: at(path), targetHints: { allow: METHODS } }],
    collection: [{ href: at(collection) }],
    ...(up && { up: [{ href: at(up) }] }),
  };
};

interface Members {
  id: number;
  name: string;
  type: 'simple' | 'variable' | 'variation';
  sku: string;
  manages: boolean | 'parent';
  quantity: number | null;
  changedMs: number;
  parentId: number;
  variations: number[];
}

/** A product as `/products`, `/variations` and the webhooks print it; members and types as recorded from 11.0.1. */
function print(shop: Shop, of: Members): Record<string, unknown> {
  const { id, name, type, sku, manages, quantity, parentId, variations } = of;
  const tracked = manages !== false;
  const at = local(of.changedMs);
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const path = `/products/${id}`;
  const price = type === 'variable' ? '' : PRICE;
  return {
    id,
    name,
    slug,
    permalink: `https://${shop.options.name}.example/product/${slug}/`,
    date_created: '2024-01-01T00:00:00',
    date_created_gmt: '2024-01-01T00:00:00',
    date_modified: at,
    date_modified_gmt: at,
    type,
    status: 'publish',
    featured: false,
    catalog_visibility: 'visible',
    description: '',
    short_description: '',
    sku,
    price,
    regular_price: price,
    sale_price: '',
    date_on_sale_from: null,
    date_on_sale_from_gmt: null,
    date_on_sale_to: null,
    date_on_sale_to_gmt: null,
    on_sale: false,
    purchasable: type !== 'variable',
    // Variations print it as text: so does the real one.
    total_sales: type === 'variation' ? '0' : 0,
    virtual: false,
    downloadable: false,
    downloads: [],
    download_limit: -1,
    download_expiry: -1,
    external_url: '',
    button_text: '',
    tax_status: 'taxable',
    tax_class: '',
    manage_stock: manages,
    stock_quantity: quantity,
    backorders: 'no',
    backorders_allowed: false,
    backordered: tracked && (quantity ?? 0) < 0,
    low_stock_amount: null,
    sold_individually: false,
    weight: '',
    dimensions: { length: '', width: '', height: '' },
    shipping_required: true,
    shipping_taxable: true,
    shipping_class: '',
    shipping_class_id: 0,
    reviews_allowed: type !== 'variation',
    average_rating: '0.00',
    rating_count: 0,
    upsell_ids: [],
    cross_sell_ids: [],
    parent_id: parentId,
    purchase_note: '',
    categories: type === 'variation' ? [] : [{ id: 15, name: 'Uncategorized', slug: 'uncategorized' }],
    brands: [],
    tags: [],
    images: [],
    attributes:
      type === 'simple'
        ? []
        : type === 'variation'
          ? [{ id: 0, name: 'Kind', slug: 'kind', option: name }]
          : [{ id: 0, name: 'Kind', slug: 'Kind', position: 0, visible: true, variation: true, options: [] }],
    default_attributes: [],
    variations,
    grouped_products: [],
    menu_order: 0,
    price_html: '',
    related_ids: [],
    meta_data: [],
    stock_status: !tracked || (quantity ?? 0) > 0 ? 'instock' : 'outofstock',
    has_options: type === 'variable',
    post_password: '',
    global_unique_id: '',
    _links: links(shop, path, '/products', parentId > 0 ? `/products/${parentId}` : undefined),
  };
}

/** Whether this product or variation is counted, and how many there are; WooCommerce knows whole units only. */
function stockOf(shop: Shop, item: StockItem): { tracked: boolean; quantity: number | null } {
  const tracked = item.tracked && shop.manageStock;
  return { tracked, quantity: tracked ? Math.trunc(availableOf(item.levels[0]!)) : null };
}

export function itemJson(shop: Shop, item: StockItem): Record<string, unknown> {
  const parent = shop.parentOf.get(item);
  const { tracked, quantity } = stockOf(shop, item);
  return print(shop, {
    id: Number(item.id),
    name: parent ? `${parent.name} - ${item.title}` : item.title,
    type: parent ? 'variation' : 'simple',
    sku: item.sku,
    manages: tracked && parent?.keeps ? 'parent' : tracked,
    quantity,
    changedMs: item.levels[0]!.changedAtMs,
    parentId: parent?.id ?? 0,
    variations: [],
  });
}

export function parentJson(shop: Shop, parent: Parent): Record<string, unknown> {
  const kept = parent.keeps ? stockOf(shop, parent.variations[0]!) : { tracked: false, quantity: null };
  return print(shop, {
    id: parent.id,
    name: parent.name,
    type: 'variable',
    sku: '',
    manages: kept.tracked,
    quantity: kept.quantity,
    changedMs: Math.max(...parent.variations.map((item) => item.levels[0]!.changedAtMs)),
    parentId: 0,
    variations: parent.variations.map((item) => Number(item.id)),
  });
}

/** What a change of this item's number is told as: the record that keeps it. */
export function keeperJson(shop: Shop, item: StockItem): Record<string, unknown> {
  const parent = shop.parentOf.get(item);
  return parent?.keeps ? parentJson(shop, parent) : itemJson(shop, item);
}

const ONLY_PRODUCTS =
  'slug featured catalog_visibility short_description total_sales external_url button_text sold_individually shipping_required shipping_taxable reviews_allowed average_rating rating_count upsell_ids cross_sell_ids purchase_note categories brands tags images default_attributes variations grouped_products price_html related_ids has_options post_password'.split(
    ' ',
  );

/** A variation as `/products/{parent}/variations` prints it: fewer members, a shorter name. */
export function variationJson(shop: Shop, item: StockItem): Record<string, unknown> {
  const parent = shop.parentOf.get(item)!;
  const path = `/products/${parent.id}/variations`;
  const whole = itemJson(shop, item);
  const kept = Object.entries(whole).filter(([name]) => !ONLY_PRODUCTS.includes(name));
  return {
    ...Object.fromEntries(kept),
    tax_class: 'parent',
    image: null,
    gallery_image_ids: [],
    name: item.title,
    _links: links(shop, `${path}/${item.id}`, path, `/products/${parent.id}`),
  };
}
