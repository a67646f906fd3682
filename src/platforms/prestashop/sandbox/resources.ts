import type { StockItem, StockLine, StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { availableOf } from '../../../platform/sandbox-kit/index.ts';
import { momentsOf } from '../shop-time.ts';
import type { Row } from './answers.ts';
import type { Filter } from './query.ts';
import { PAID, type Product, SHIPPED, type State, shopOf, wall, wordsOf } from './state.ts';

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

const sum = (line: StockLine, of: (part: StockLine['parts'][number]) => number): number =>
  line.parts.reduce((total, part) => total + of(part), 0);

const combinationId = (product: Product, item: StockItem): string => (product.combined ? item.id : '0');

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

function orderRow(state: State, order: StockOrder): Row {
  const { state: now, updatedMs } = wordsOf(order);
  return {
    id: order.id,
    id_cart: order.id,
    id_customer: '31',
    current_state: now,
    module: 'ps_wirepayment',
    valid: order.paidAtMs !== null && order.cancelledAtMs === null ? '1' : '0',
    date_add: wall(state, order.placedAtMs),
    date_upd: wall(state, updatedMs),
    id_shop_group: '1',
    id_shop: shopOf(state, order),
    payment: 'Bank wire',
    reference: `REF${order.id}`,
  };
}

function detailRow(state: State, order: StockOrder, line: StockLine): Row {
  const product = state.productOf.get(line.item)!;
  return {
    id: line.id,
    id_order: order.id,
    product_id: product.id,
    product_attribute_id: combinationId(product, line.item),
    product_quantity_reinjected: String(sum(line, (part) => part.restocked)),
    product_quantity_refunded: '0',
    product_quantity_return: String(sum(line, (part) => part.refunded)),
    id_shop: shopOf(state, order),
    product_name: line.item.title,
    product_quantity: String(line.quantity),
    product_reference: line.item.sku,
  };
}

interface StockRow {
  row: Row;
  /** null: the sum of a product's combinations. */
  item: StockItem | null;
  place: string;
}

/** A record per product or combination and shop, and one more per product with combinations: their sum. */
export function stockRows(state: State, products: readonly Product[]): StockRow[] {
  return products.flatMap((product) =>
    state.book.shelves.locations.flatMap((place, index) => {
      const quantityOf = (item: StockItem) => availableOf(item.levels[index]!);
      const total = product.items.reduce((units, item) => units + quantityOf(item), 0);
      const rows: StockRow[] = product.items.map((item) => ({
        row: stockRow(
          state,
          `${Number(item.id) * 100 + index}`,
          product.id,
          combinationId(product, item),
          place,
          quantityOf(item),
        ),
        item,
        place,
      }));
      const sumId = `${Number(product.id) * 10_000 + index}`;
      return product.combined
        ? [{ row: stockRow(state, sumId, product.id, '0', place, total), item: null, place }, ...rows]
        : rows;
    }),
  );
}

function stockRow(
  state: State,
  id: string,
  product: string,
  combination: string,
  place: string,
  quantity: number,
): Row {
  return {
    id,
    id_product: product,
    id_product_attribute: combination,
    id_shop: state.torn.has(id) ? '0' : place,
    id_shop_group: '0',
    quantity: String(quantity),
    depends_on_stock: state.computed.has(id) ? '1' : '0',
    out_of_stock: '0',
    location: '',
  };
}
