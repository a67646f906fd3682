import { availableOf, type Router, type StockItem } from '../../../platform/sandbox-kit/index.ts';
import { ok, Refusal } from './answers.ts';
import { found, readSearch } from './search.ts';
import { groupOf, type State, websiteCode } from './state.ts';

interface Row {
  id: number;
  sku: string;
  name: string;
  type_id: string;
}

const unknown = (): Refusal =>
  new Refusal(404, "The product that was requested doesn't exist. Verify the product and try again.");

/** Products, the legacy stock item, and how the shop is divided into websites. */
export function catalogueRoutes(state: State, router: Router): void {
  const { locations } = state.options;
  const itemOf = (sku: string): StockItem => {
    const item = state.book.shelves.items.find((one) => one.sku.toLowerCase() === sku.toLowerCase());
    if (!item) throw unknown();
    return item;
  };
  const rows = (): Row[] =>
    state.book.shelves.items.flatMap((item) => {
      const group = groupOf(item);
      const simple = { id: Number(item.id), sku: item.sku, name: item.title, type_id: 'simple' };
      return group ? [simple, { ...group, name: `${item.title}, all sizes`, type_id: 'configurable' }] : [simple];
    });
  const print = (row: Row) => ({
    ...row,
    attribute_set_id: 4,
    price: 12.5,
    status: 1,
    visibility: 4,
    created_at: '2026-01-01 00:00:00',
    updated_at: '2026-01-01 00:00:00',
    weight: 1,
    product_links: [],
    tier_prices: [],
    custom_attributes: [],
  });
  router.on('GET', '/V1/products', ({ query }) =>
    ok(
      state,
      found(rows(), readSearch(query), ({ id, sku, type_id }) => ({ entity_id: id, sku, type_id }), print),
    ),
  );
  router.on('GET', '/V1/products/{sku}', ({ params }) => {
    const row = rows().find(({ sku }) => sku.toLowerCase() === params['sku']!.toLowerCase());
    if (!row) throw unknown();
    return ok(state, print(row));
  });
  router.on('GET', '/V1/stockItems/{sku}', ({ params }) => ok(state, stockItemJson(state, itemOf(params['sku']!))));
  router.on('GET', '/V1/stockStatuses/{sku}', ({ params }) => {
    const item = itemOf(params['sku']!);
    const hidden = state.hidden.has(item.sku);
    const qty = hidden ? 0 : availableOf(item.levels[0]!);
    return ok(state, { product_id: hidden ? null : Number(item.id), qty, stock_status: qty > 0 ? 1 : 0 });
  });
  router.on('PUT', '/V1/products/{sku}/stockItems/{itemId}', (routed) => {
    const item = itemOf(routed.params['sku']!);
    const { stockItem } = routed.json() as { stockItem?: { qty?: unknown } };
    if (typeof stockItem?.qty !== 'number')
      throw new Refusal(400, '"%fieldName" is required. Enter and try again.', { fieldName: 'stockItem' });
    const { qty } = stockItem;
    if (item.tracked) state.book.write(item.levels[0]!, state.hasSources ? { onHand: qty } : { available: qty });
    return ok(state, item.seq);
  });
  router.on('GET', '/V1/store/websites', () =>
    ok(
      state,
      locations.map(({ name }, index) => ({
        id: index + 1,
        code: websiteCode(index),
        name,
        default_group_id: index + 1,
        extension_attributes: {},
      })),
    ),
  );
  router.on('GET', '/V1/store/storeViews', () =>
    ok(
      state,
      locations.map(({ name }, index) => ({
        id: index + 1,
        code: index === 0 ? 'default' : `view_${index + 1}`,
        name,
        website_id: index + 1,
        store_group_id: index + 1,
        is_active: 1,
        extension_attributes: {},
      })),
    ),
  );
}

/** Without sources orders lower this number at once; with them it is what lies in the default source. */
function stockItemJson(state: State, item: StockItem): Record<string, unknown> {
  const level = item.levels[0]!;
  const qty = state.hasSources ? level.onHand : availableOf(level);
  return {
    item_id: item.seq,
    product_id: Number(item.id),
    stock_id: 1,
    qty,
    is_in_stock: qty > 0,
    is_qty_decimal: false,
    show_default_notification_message: false,
    use_config_min_qty: true,
    min_qty: 0,
    use_config_min_sale_qty: 1,
    min_sale_qty: 1,
    use_config_max_sale_qty: true,
    max_sale_qty: 10000,
    use_config_backorders: true,
    backorders: 0,
    use_config_notify_stock_qty: true,
    notify_stock_qty: 1,
    use_config_qty_increments: true,
    qty_increments: 0,
    use_config_enable_qty_inc: true,
    enable_qty_increments: false,
    use_config_manage_stock: item.tracked,
    manage_stock: item.tracked,
    low_stock_date: '2026-01-01 00:00:00',
    is_decimal_divided: false,
    stock_status_changed_auto: 0,
  };
}
