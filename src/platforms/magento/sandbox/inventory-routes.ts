import { availableOf, type Router, type StockItem } from '../../../platform/sandbox-kit/index.ts';
import { noRoute, ok, Refusal } from './answers.ts';
import { found, readSearch } from './search.ts';
import { type State, sourceCode, websiteCode } from './state.ts';

interface SourceItem {
  sku: string;
  source_code: string;
  quantity: number;
  status: number;
}

/** Sources, stocks and what lies in them: Multi-Source Inventory. */
export function inventoryRoutes(state: State, router: Router): void {
  const { locations } = state.options;
  const indexOf = (code: unknown) => locations.findIndex((_, index) => sourceCode(index) === code);
  const itemOf = (sku: unknown) =>
    state.book.shelves.items.find((item) => item.sku.toLowerCase() === String(sku).toLowerCase());
  const on: Router['on'] = (method, path, handler) =>
    router.on(method, path, (routed) => {
      if (!state.hasSources) throw noRoute();
      return handler(routed);
    });

  on('GET', '/V1/inventory/sources', ({ query }) => {
    const print = (place: { name: string }, index: number) => ({
      source_code: sourceCode(index),
      name: place.name,
      enabled: true,
      description: place.name,
      latitude: 0,
      longitude: 0,
      country_id: 'US',
      postcode: '00000',
      use_default_carrier_config: true,
      carrier_links: [],
      extension_attributes: { is_pickup_location_active: false, frontend_name: '' },
    });
    const rows = locations.map(print);
    if (state.further) rows.push({ ...rows[0]!, source_code: state.further.code, name: state.further.code });
    return ok(
      state,
      found(
        rows,
        readSearch(query),
        ({ source_code }) => ({ source_code }),
        (row) => row,
      ),
    );
  });
  on('GET', '/V1/inventory/stocks', ({ query }) => {
    const rows = locations.map(({ id, name }, index) => ({
      stock_id: Number(id),
      name,
      extension_attributes: { sales_channels: [{ type: 'website', code: websiteCode(index) }] },
    }));
    return ok(
      state,
      found(
        rows,
        readSearch(query),
        ({ stock_id }) => ({ stock_id }),
        (row) => row,
      ),
    );
  });
  on('GET', '/V1/inventory/stock-source-links', ({ query }) => {
    const rows = locations.map(({ id }, index) => ({
      stock_id: Number(id),
      source_code: sourceCode(index),
      priority: 1,
    }));
    if (state.further) rows.push({ ...rows[0]!, source_code: state.further.code, priority: 2 });
    return ok(
      state,
      found(
        rows,
        readSearch(query),
        (row) => row,
        (row) => row,
      ),
    );
  });
  on('GET', '/V1/inventory/source-items', ({ query }) => {
    const search = readSearch(query);
    const rows = state.book.shelves.items.flatMap((item) => [
      ...locations.map((_, index) => printed(state, item, index)),
      ...furtherItem(state, item),
    ]);
    return ok(
      state,
      found(
        [...rows, ...state.orphans.values()],
        search,
        (row) => ({ ...row }),
        (row) => row,
      ),
    );
  });
  on('POST', '/V1/inventory/source-items', (routed) => {
    const rows = (routed.json() as { sourceItems?: SourceItem[] } | null)?.sourceItems;
    if (!Array.isArray(rows))
      throw new Refusal(400, '"%fieldName" is required. Enter and try again.', { fieldName: 'sourceItems' });
    if (state.inputMax !== null && rows.length > state.inputMax)
      throw new Refusal(400, 'Maximum items of type "%type" is %max', {
        type: 'Magento\\InventoryApi\\Api\\Data\\SourceItemInterface',
        max: String(state.inputMax),
      });
    if (rows.length === 0) throw new Refusal(400, 'Input data is empty');
    for (const row of rows) validate(row);
    // One row that cannot be saved undoes the rest of the call, and is not named.
    if (rows.some((row) => indexOf(row.source_code) < 0 && row.source_code !== state.further?.code))
      throw new Refusal(400, 'Could not save Source Item');
    for (const row of rows) {
      const item = itemOf(row.sku);
      const key = `${row.sku} ${row.source_code}`;
      if (!item) state.orphans.set(key, { ...row });
      else if (item.tracked) {
        put(state, item, Math.max(0, indexOf(row.source_code)), row);
        if (row.status === 1) state.switchedOff.delete(key);
      }
    }
    return ok(state, []);
  });
  on('GET', '/V1/inventory/export-stock-salable-qty/{type}/{code}', ({ params, query }) => {
    const index = locations.findIndex((_, at) => websiteCode(at) === params['code']);
    if (index < 0 || params['type'] !== 'website') throw new Refusal(404, 'No linked stock found');
    const members = (item: StockItem) => ({ entity_id: Number(item.id), sku: item.sku });
    return ok(
      state,
      found(state.book.shelves.items, readSearch(query), members, (item) => salableJson(state, item, index)),
    );
  });
  on('GET', '/V1/inventory/get-product-salable-quantity/{sku}/{stockId}', ({ params }) => {
    const item = itemOf(params['sku']);
    const index = locations.findIndex(({ id }) => id === params['stockId']);
    if (!item || index < 0) throw new Refusal(404, 'The requested sku is not assigned to given stock.');
    return ok(state, availableOf(item.levels[index]!));
  });
}

const heldFurther = (state: State, item: StockItem): number => state.further?.held.get(item.sku) ?? 0;

function furtherItem(state: State, item: StockItem): SourceItem[] {
  const quantity = state.further?.held.get(item.sku);
  if (quantity === undefined) return [];
  return [{ sku: item.sku, source_code: state.further!.code, quantity, status: quantity === 0 ? 0 : 1 }];
}

/** The book knows the sum of a stock. */
function put(state: State, item: StockItem, index: number, { source_code, quantity }: SourceItem): void {
  const level = item.levels[index]!;
  const held = heldFurther(state, item);
  if (source_code !== state.further?.code)
    return void state.book.write(level, { onHand: quantity + (index === 0 ? held : 0) });
  state.further.held.set(item.sku, quantity);
  state.book.write(level, { onHand: level.onHand + quantity - held });
}

function printed(state: State, item: StockItem, index: number): SourceItem {
  const source_code = sourceCode(index);
  const quantity = item.levels[index]!.onHand - (index === 0 ? heldFurther(state, item) : 0);
  const off = state.switchedOff.has(`${item.sku} ${source_code}`);
  return { sku: item.sku, source_code, quantity, status: quantity === 0 || off ? 0 : 1 };
}

function salableJson(state: State, item: StockItem, index: number): Record<string, unknown> {
  if (!item.tracked) return { sku: item.sku, qty: 0, is_salable: true };
  const qty = state.hidden.has(item.sku) ? 0 : availableOf(item.levels[index]!);
  return { sku: item.sku, qty, is_salable: qty > 0 };
}

function validate(row: SourceItem): void {
  const type = (field: string, value: unknown, expected: string) =>
    new Refusal(
      400,
      `Error occurred during "${field}" processing. The "${String(value)}" value's type is invalid. The "${expected}" type was expected. Verify and try again.`,
    );
  const invalid = (message: string, field: string) =>
    new Refusal(400, 'Validation Failed', undefined, [{ message, parameters: { field } }]);
  if (typeof row.sku !== 'string' || row.sku.trim() === '') throw invalid('"%field" can not be empty.', 'sku');
  if (typeof row.source_code !== 'string' || row.source_code === '')
    throw invalid('"%field" can not be empty.', 'source_code');
  if (typeof row.quantity !== 'number') throw type('quantity', row.quantity, 'float');
  if (row.status !== 0 && row.status !== 1) throw invalid('"%field" should be a known status.', 'status');
}
