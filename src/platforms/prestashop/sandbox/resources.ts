import type { StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { momentsOf } from '../shop-time.ts';
import type { Row } from './answers.ts';
import { detailRow, orderRow } from './order-rows.ts';
import type { Filter } from './query.ts';
import { PAID, SHIPPED, type State, wall, wordsOf } from './state.ts';
import { stockRows } from './stock-rows.ts';

type Filters = Map<string, Filter>;

interface Resource {
  list: string;
  one: string;
  /** All rows, or at least those that the filters can choose. */
  rows: (state: State, filters: Filters) => Row[];
}

const ALL = Number.MAX_SAFE_INTEGER;

const asked = (filters: Filters, field: string): string[] | undefined => {
  const filter = filters.get(field);
  return filter?.kind === 'among' ? filter.values : undefined;
};

/** From when on rows are asked for: spares going through years of them. */
function sinceMs(state: State, filters: Filters): number | undefined {
  const filter = filters.get('date_upd');
  return filter?.kind === 'between' ? momentsOf(filter.low, state.zone)[0] : undefined;
}

function ordersAsked(state: State, filters: Filters, idField: string): StockOrder[] {
  const ids = asked(filters, idField);
  if (ids) return ids.flatMap((id) => state.book.order(id) ?? []);
  const since = sinceMs(state, filters);
  return state.orders.page({ ...(since !== undefined && { sinceMs: since }), limit: ALL }).items;
}

export const RESOURCES: Record<string, Resource> = {
  shops: {
    list: 'shops',
    one: 'shop',
    rows: (state) =>
      state.options.locations.map(({ id, name }) => ({ id, id_shop_group: '1', active: '1', deleted: '0', name })),
  },
  shop_groups: {
    list: 'shop_groups',
    one: 'shop_group',
    rows: () => [
      { id: '1', name: 'Default', share_customer: '0', share_order: '0', share_stock: '0', active: '1', deleted: '0' },
    ],
  },
  products: {
    list: 'products',
    one: 'product',
    rows: (state) =>
      state.products.map((product) => {
        const [item] = product.items;
        const isPack = !item!.tracked;
        return {
          id: product.id,
          reference: product.combined ? '' : item!.sku,
          ean13: '',
          active: '1',
          // Never the stock: that stands in stock_availables alone.
          quantity: '0',
          cache_is_pack: isPack ? '1' : '0',
          pack_stock_type: isPack ? '1' : '3',
          name: product.combined ? `Group ${product.id}` : item!.title,
        };
      }),
  },
  combinations: {
    list: 'combinations',
    one: 'combination',
    rows: (state) =>
      state.products
        .filter(({ combined }) => combined)
        .flatMap(({ id, items }) =>
          items.map((item) => ({ id: item.id, id_product: id, ean13: '', reference: item.sku, minimal_quantity: '1' })),
        ),
  },
  stock_availables: {
    list: 'stock_availables',
    one: 'stock_available',
    rows: (state, filters) => {
      const wanted = asked(filters, 'id_product');
      return stockRows(state, wanted ? state.products.filter(({ id }) => wanted.includes(id)) : state.products).map(
        ({ row }) => row,
      );
    },
  },
  orders: {
    list: 'orders',
    one: 'order',
    rows: (state, filters) => ordersAsked(state, filters, 'id').map((order) => orderRow(state, order)),
  },
  order_details: {
    list: 'order_details',
    one: 'order_detail',
    rows: (state, filters) =>
      ordersAsked(state, filters, 'id_order').flatMap((order) =>
        order.lines.map((line) => detailRow(state, order, line)),
      ),
  },
  order_histories: {
    list: 'order_histories',
    one: 'order_history',
    rows: (state, filters) =>
      ordersAsked(state, filters, 'id_order').flatMap((order) =>
        wordsOf(order).history.map(({ id, state: of, atMs }) => ({
          id,
          id_employee: '0',
          id_order_state: of,
          id_order: order.id,
          date_add: wall(state, atMs),
        })),
      ),
  },
  order_states: {
    list: 'order_states',
    one: 'order_state',
    rows: (state) =>
      [
        ['1', '0', '0', 'Awaiting check payment'],
        [PAID, '1', '0', 'Payment accepted'],
        ['3', '1', '0', 'Processing in progress'],
        [SHIPPED, '1', '1', 'Shipped'],
        ['5', '1', '1', 'Delivered'],
        [state.canceledState, '0', '0', 'Canceled'],
        ['7', '0', '0', 'Refunded'],
        ['8', '0', '0', 'Payment error'],
      ].map(([id, logable, shipped, name]) => ({
        id: id!,
        logable: logable!,
        shipped: shipped!,
        paid: logable!,
        deleted: '0',
        name: name!,
      })),
  },
  order_slip: {
    list: 'order_slips',
    one: 'order_slip',
    rows: (state, filters) => {
      const since = sinceMs(state, filters);
      return state.slips
        .page({ ...(since !== undefined && { sinceMs: since }), limit: ALL })
        .items.map(({ id, order, atMs }) => ({
          id,
          id_customer: '31',
          id_order: order.id,
          date_add: wall(state, atMs),
          date_upd: wall(state, atMs),
        }));
    },
  },
  configurations: {
    list: 'configurations',
    one: 'configuration',
    rows: (state) => [
      { id: '101', value: state.canceledState, name: 'PS_OS_CANCELED' },
      { id: '102', value: '8', name: 'PS_OS_ERROR' },
    ],
  },
};
