import { availableOf, type StockItem } from '../../../platform/sandbox-kit/index.ts';
import type { Row } from './answers.ts';
import type { Product, State } from './state.ts';

export const combinationId = (product: Product, item: StockItem): string => (product.combined ? item.id : '0');

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
