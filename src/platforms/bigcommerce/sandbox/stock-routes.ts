import { availableOf, type Router, type StockItem, type StockLevel } from '../../../platform/sandbox-kit/index.ts';
import { answer, listed, listIn, Refusal } from './answers.ts';
import type { SoldProduct, Store } from './store.ts';

const ITEMS_MAX = 2_000;
const ON_HAND_MAX = 2_147_483_647;

/** Catalogue, places, levels and adjustments. */
export function stockRoutes(store: Store, router: Router): void {
  const base = `/stores/${store.hash}/v3`;
  router.on('GET', `${base}/catalog/products`, ({ query }) => {
    const after = Number(query.get('id:greater') ?? 0);
    const fields = query.get('include_fields')?.split(',');
    const whole = query.get('include')?.split(',').includes('variants') ?? false;
    const wanted = listIn(query, 'id:in');
    const rows = store.products
      .filter(({ id }) => id > after && (!wanted || wanted.has(String(id))))
      .map((one) => productJson(store, one, whole, fields));
    return listed(store, rows, query, 250);
  });
  router.on('GET', `${base}/inventory/locations`, ({ query }) =>
    listed(
      store,
      store.options.locations.map(({ id, name }) => ({
        id: Number(id),
        code: `BC-${id}`,
        label: name,
        description: '',
        managed_by_external_source: false,
        type_id: 'PHYSICAL',
        enabled: !store.disabled.has(id),
        time_zone: 'Etc/UTC',
        storefront_visibility: true,
      })),
      query,
      1_000,
    ),
  );
  router.on('GET', `${base}/inventory/items`, ({ query }) => {
    const skus = listIn(query, 'sku:in');
    const variants = listIn(query, 'variant_id:in');
    const products = listIn(query, 'product_id:in');
    const places = listIn(query, 'location_id:in');
    const rows = store.products
      .filter(({ tracking, id }) => tracking !== 'none' && (!products || products.has(String(id))))
      .flatMap((product) => product.items.map((item) => ({ product, item })))
      .filter(({ item }) => (!variants || variants.has(item.id)) && (!skus || skus.has(item.sku)))
      .map(({ product, item }) => itemJson(store, product, item, places));
    return listed(store, rows, query, 1_000);
  });
  router.on('PUT', `${base}/inventory/adjustments/absolute`, (routed) => adjust(store, routed.json()));
  router.on('GET', `${base}/settings/inventory`, () => answer(store, { data: store.settings, meta: {} }));
}

function productJson(store: Store, product: SoldProduct, whole: boolean, fields: string[] | undefined) {
  const { id, name, tracking, items } = product;
  const shown = (item: StockItem) => item.levels.reduce((sum, level) => sum + availableOf(level), 0);
  const own = {
    name,
    type: 'physical',
    sku: items.length === 1 ? items[0]!.sku : '',
    upc: '',
    inventory_level: items.reduce((sum, item) => sum + shown(item), 0),
    inventory_tracking: tracking,
  };
  const variants = items.map((item) => ({
    id: Number(item.id),
    product_id: id,
    sku: item.sku,
    sku_id: tracking === 'variant' ? Number(item.id) + 1_000 : null,
    upc: '',
    inventory_level: shown(item),
    option_values:
      tracking === 'variant' ? [{ id: item.seq, label: item.title, option_id: 1, option_display_name: 'Kind' }] : [],
  }));
  const kept = fields ? Object.fromEntries(Object.entries(own).filter(([key]) => fields.includes(key))) : own;
  return { id, ...kept, ...(whole && { variants: store.productOf.size > 0 ? variants : [] }) };
}

function itemJson(store: Store, product: SoldProduct, item: StockItem, places: Set<string> | undefined) {
  return {
    identity: {
      sku: item.sku,
      variant_id: Number(item.id),
      product_id: product.id,
      ...(product.tracking === 'variant' && { sku_id: Number(item.id) + 1_000 }),
    },
    locations: item.levels
      .filter(({ location }) => !places || places.has(location))
      .map((level) => ({
        location_id: Number(level.location),
        location_code: `BC-${level.location}`,
        location_name: store.options.locations.find(({ id }) => id === level.location)!.name,
        available_to_sell: availableOf(level),
        // The store lowers this when an order is placed, not when it is shipped.
        total_inventory_onhand: availableOf(level) + level.safety,
        location_enabled: !store.disabled.has(level.location),
        settings: { safety_stock: level.safety, is_in_stock: true, warning_level: 0, bin_picking_number: '' },
      })),
  };
}

interface Adjustment {
  location_id?: number;
  sku?: string;
  variant_id?: number | string;
  product_id?: number;
  quantity?: number;
}

/** Looked through whole and refused whole; what is accepted is done a little later, in no certain order. */
function adjust(store: Store, body: unknown) {
  const items = (body as { items?: Adjustment[] } | null)?.items;
  if (!Array.isArray(items) || items.length === 0)
    throw new Refusal(422, 'Payload contains invalid fields', { items: 'must not be empty' });
  if (items.length > ITEMS_MAX) throw new Refusal(422, `Payload is limited to ${ITEMS_MAX} items.`);
  const writes = items.map((one) => ({ level: levelOf(store, one), onHand: quantityOf(one) }));
  const { clock, random, factor } = store.options;
  for (const { level, onHand } of writes) {
    const cancel = clock.after((300 + random() * 2_700) / factor, () => {
      store.waiting.delete(cancel);
      store.book.write(level, { available: onHand - level.safety });
    });
    store.waiting.add(cancel);
  }
  return answer(store, { transaction_id: `00000000-0000-4000-8000-${String(store.nextId()).padStart(12, '0')}` });
}

function quantityOf({ quantity }: Adjustment): number {
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 0 || quantity > ON_HAND_MAX)
    throw new Refusal(422, 'Payload contains invalid fields', { quantity: 'must be a positive integer' });
  return quantity;
}

function levelOf(store: Store, one: Adjustment): StockLevel {
  const { sku, variant_id, product_id, location_id } = one;
  const product = product_id === undefined ? undefined : store.products.find(({ id }) => id === product_id);
  const item =
    product?.items[0] ??
    (variant_id !== undefined ? store.book.shelves.itemById(String(variant_id)) : store.book.shelves.item(sku ?? ''));
  const name =
    product_id !== undefined
      ? `product_id ${product_id}`
      : variant_id !== undefined
        ? `variant_id ${variant_id}`
        : `sku ${sku}`;
  const owner = item && store.productOf.get(item);
  if (!item || !owner) throw new Refusal(422, `[Item with ${name} was not found]`);
  if (owner.tracking === 'none') throw new Refusal(422, `[Item with ${name} does not track inventory]`);
  if (owner.tracking === 'product' && product_id === undefined)
    throw new Refusal(422, `[Item with ${name} is tracked by product, please update stock by product id]`);
  if (owner.tracking === 'variant' && product_id !== undefined)
    throw new Refusal(422, `[Item with ${name} is tracked by variant, please update stock by variant id or sku]`);
  const level = store.book.shelves.level(item, String(location_id));
  if (!level) throw new Refusal(422, `[Location with id ${location_id} was not found]`);
  return level;
}
