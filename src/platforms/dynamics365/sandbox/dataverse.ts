import { NO_LOCATION } from '../../../platform/contract.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import {
  goneOf,
  openOf,
  type Routed,
  type StockItem,
  type StockLine,
  type StockOrder,
  shopperOf,
} from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import type { DynamicsSandbox } from './business-central.ts';
import { runBatch } from './dataverse-batch.ts';
import { DataverseSteps } from './dataverse-steps.ts';
import { QueryError, runQuery, type Table } from './odata.ts';
import { guid, numberOf, odataError, Tenant, throttled, UNAVAILABLE } from './tenant.ts';

export interface DataverseSandbox extends DynamicsSandbox {
  steps: DataverseSteps;
  organization: string;
}

interface Row {
  order: StockOrder;
  modifiedMs: number;
}
interface LineRow {
  order: StockOrder;
  line: StockLine;
  id: string;
  modifiedMs: number;
}

const PAGE_MAX = 5_000;
const API = '/api/data/v9.2';

/** Dataverse keeps whole seconds. */
const second = (ms: number): number => Math.floor(ms / 1000) * 1000;
const text = (ms: number): string => `${new Date(second(ms)).toISOString().slice(0, 19)}Z`;

/**
 * One organization of Dynamics 365 Sales: orders whose lines say what was shipped, a quantity on hand that nothing lowers, and
 * row versions that guard it.
 */
export function dataverseSandbox(options: SandboxOptions): DataverseSandbox {
  const organization = guid('0c', numberOf(options.name));
  const tenant = new Tenant(options, {
    limits: { calls: { kind: 'window', max: 6_000, perMs: 300_000 } },
    locations: [options.locations[0]!.id],
    itemKind: 'a2',
    orderKind: 'b2',
  });
  const { book, router, limiter } = tenant;
  const steps = new DataverseSteps(tenant);
  const orders = new Map<string, Row>();
  const lines = new Map<string, LineRow>();
  const lineId = (order: StockOrder, index: number) => guid('c2', order.seq * 1000 + index);

  const stop = book.onChange((event) => {
    if (event.kind === 'level') return;
    const { order, cause } = event;
    const modifiedMs = order.changedAtMs;
    const over = order.cancelledAtMs !== null || order.lines.every((line) => openOf(line, order) === 0);
    const header = cause === 'placed' || over;
    if (header) {
      const message = orders.has(order.id) ? 'Update' : 'Create';
      orders.set(order.id, { order, modifiedMs });
      steps.tell({ entity: 'salesorder', message, id: order.id, attributes: { statecode: { Value: stateOf(order) } } });
    }
    const shipped = new Set(event.fulfilments?.flatMap((one) => one.lines.map(({ line }) => line)) ?? order.lines);
    for (const [index, line] of order.lines.entries()) {
      const id = lineId(order, index);
      const message = lines.has(id) ? 'Update' : 'Create';
      if (message === 'Update' && !shipped.has(line)) continue;
      lines.set(id, { order, line, id, modifiedMs });
      const attributes = { quantityshipped: goneOf(line) };
      steps.tell({ entity: 'salesorderdetail', message, id, attributes, order: order.id });
    }
  });

  const onHandOf = (item: StockItem) => Number(item.extra?.['onHand'] ?? item.levels[0]!.onHand);
  const versionOf = (item: StockItem) => Number(item.extra?.['version'] ?? 1000 + item.seq);
  const modifiedOf = (item: StockItem) => Number(item.extra?.['modifiedMs'] ?? 0);
  const setOnHand = (item: StockItem, onHand: number) => {
    const modifiedMs = options.clock.now();
    item.extra = { ...item.extra, onHand, version: versionOf(item) + 1, modifiedMs };
    steps.tell({ entity: 'product', message: 'Update', id: item.id, attributes: { quantityonhand: onHand } });
  };

  const productTable: Table<StockItem> = {
    rows: () => book.shelves.items,
    field: (item, name) =>
      name === 'modifiedon' ? second(modifiedOf(item)) : name === 'productid' ? item.id : item.sku,
    key: ({ id }) => id,
    columns: [
      'productid',
      'productnumber',
      'name',
      'statecode',
      'productstructure',
      'isstockitem',
      'quantityonhand',
      'modifiedon',
    ],
    node: (item) => ({
      '@odata.etag': `W/"${versionOf(item)}"`,
      productid: item.id,
      productnumber: item.sku,
      name: item.title,
      statecode: 0,
      productstructure: 1,
      isstockitem: item.tracked,
      quantityonhand: onHandOf(item),
      modifiedon: text(modifiedOf(item)),
    }),
  };
  const lineNode = (order: StockOrder, line: StockLine, index: number) => ({
    salesorderdetailid: lineId(order, index),
    _productid_value: line.item.id,
    _salesorderid_value: order.id,
    quantity: line.quantity,
    quantityshipped: order.cancelledAtMs === null ? goneOf(line) : 0,
    quantitycancelled: 0,
    isproductoverridden: false,
  });
  const orderTable: Table<Row> = {
    rows: () => [...orders.values()],
    field: ({ order, modifiedMs }, name) =>
      name === 'modifiedon' ? second(modifiedMs) : name === 'statecode' ? stateOf(order) : order.id,
    key: ({ order }) => order.id,
    columns: ['salesorderid', 'ordernumber', 'name', 'statecode', 'statuscode', 'createdon', 'modifiedon'],
    node: ({ order, modifiedMs }, expand) => ({
      '@odata.etag': `W/"${order.version}"`,
      salesorderid: order.id,
      ordernumber: `ORD-${String(order.seq).padStart(5, '0')}`,
      name: `Order ${order.seq}`,
      statecode: stateOf(order),
      statuscode: [1, 3, 4, 100_001, 100_003][stateOf(order)],
      createdon: text(order.placedAtMs),
      modifiedon: text(modifiedMs),
      ...(expand?.startsWith('order_details') && {
        order_details: order.lines.map((line, index) => lineNode(order, line, index)),
      }),
    }),
  };
  const lineTable: Table<LineRow> = {
    rows: () => [...lines.values()],
    field: (row, name) =>
      name === 'modifiedon' ? second(row.modifiedMs) : name === '_salesorderid_value' ? row.order.id : row.id,
    key: ({ id }) => id,
    columns: ['salesorderdetailid', '_salesorderid_value', '_productid_value', 'quantity', 'modifiedon'],
    node: ({ order, line, modifiedMs }) => ({
      ...lineNode(order, line, order.lines.indexOf(line)),
      modifiedon: text(modifiedMs),
    }),
  };

  const list =
    <Any>(table: Table<Any>) =>
    (routed: Routed): HttpResponse => {
      const asked = Number(/odata\.maxpagesize=(\d+)/.exec(routed.headers['prefer'] ?? '')?.[1] ?? PAGE_MAX);
      try {
        const { value, skiptoken } = runQuery(table, routed.query, Math.min(PAGE_MAX, Math.max(1, asked)));
        const next = new URL(routed.url);
        if (skiptoken) next.searchParams.set('$skiptoken', skiptoken);
        return jsonResponse(200, { '@odata.context': 'x', value, ...(skiptoken && { '@odata.nextLink': next.href }) });
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        return odataError(400, '0x80060888', error.message);
      }
    };
  const missing = (what: string, id: string) => odataError(404, '0x80040217', `${what} With Id = ${id} Does Not Exist`);

  const patchProduct = (routed: Routed): HttpResponse => {
    const id = routed.params['id']!.toLowerCase();
    const item = book.shelves.itemById(id);
    const match = routed.headers['if-match'];
    // Without a condition a PATCH of what is not there creates it.
    if (!item)
      return match === undefined
        ? odataError(400, '0x80040203', 'A product needs a unit group.')
        : missing('product', id);
    if (match !== undefined && match !== '*' && match !== `W/"${versionOf(item)}"`)
      return odataError(
        412,
        '0x80060882',
        'The version of the existing record doesn’t match the RowVersion property provided.',
      );
    const wanted = record(routed.json())?.['quantityonhand'];
    if (typeof wanted !== 'number' || wanted < 0 || wanted > 1_000_000_000)
      return odataError(400, '0x80044331', 'A validation error occurred: quantityonhand is outside the valid range.');
    setOnHand(item, Math.round(wanted * 100) / 100);
    return { status: 204, headers: { 'odata-entityid': routed.url.href }, body: new Uint8Array() };
  };

  /** Undoes what a change set did when one of its requests failed. */
  const atomic = async (work: () => Promise<boolean>) => {
    const before = book.shelves.items.map((item) => ({ item, extra: item.extra }));
    if (!(await work())) for (const { item, extra } of before) item.extra = extra;
  };
  const whoAmI = () =>
    jsonResponse(200, { OrganizationId: organization, UserId: guid('0d', 1), BusinessUnitId: guid('0e', 1) });
  const inner = (request: HttpRequest): Promise<HttpResponse> =>
    limiter.take('calls').ok ? router.handle(request) : Promise.resolve(throttled(5));

  router
    .on('GET', `${API}/WhoAmI`, whoAmI)
    .on('GET', `${API}/WhoAmI()`, whoAmI)
    .on('POST', `${API}/$batch`, (routed) => runBatch(routed.request, inner, atomic))
    .on('GET', `${API}/products`, list(productTable))
    .on('GET', `${API}/products({id})`, (routed) => {
      const item = book.shelves.itemById(routed.params['id']!.toLowerCase());
      return item ? jsonResponse(200, productTable.node(item, null)) : missing('product', routed.params['id']!);
    })
    .on('PATCH', `${API}/products({id})`, patchProduct)
    .on('GET', `${API}/salesorderdetails`, list(lineTable))
    .on('GET', `${API}/salesorders`, list(orderTable))
    .on('GET', `${API}/salesorders({id})`, (routed) => {
      const row = orders.get(routed.params['id']!.toLowerCase());
      if (!row) return missing('salesorder', routed.params['id']!);
      return jsonResponse(200, orderTable.node(row, routed.query.get('$expand')));
    });
  for (const name of ['serviceendpoints', 'sdkmessageprocessingsteps', 'sdkmessageprocessingstepimages'])
    router
      .on('POST', `${API}/${name}`, (routed) => steps.create(name, routed))
      .on('PATCH', `${API}/${name}({id})`, (routed) => steps.update(name, routed))
      .on('DELETE', `${API}/${name}({id})`, (routed) => steps.remove(name, routed));
  for (const name of ['serviceendpoints', 'sdkmessageprocessingsteps', 'sdkmessages', 'sdkmessagefilters'])
    router.on('GET', `${API}/${name}`, list(steps.table(name)));

  const people = shopperOf(book, { online: { policy: 'below-zero' }, till: { policy: 'below-zero' } });
  const pool = <Any extends { location: string }>(row: Any): Any => ({ ...row, location: NO_LOCATION });
  return {
    platform: 'dynamics365',
    account: organization,
    config: ({ api }) => ({ account: organization, flavour: 'dataverse', ...tenant.settings(api) }),
    handle: (request) => tenant.handle(request),
    fault: (kind) => (kind === 'throttled' ? throttled(5) : UNAVAILABLE),
    seed(items) {
      book.seed(items);
      for (const item of book.shelves.items)
        item.extra ??= { onHand: item.levels[0]!.onHand, modifiedMs: options.clock.now() };
    },
    shopper: {
      ...people,
      buy: (order) => people.buy({ ...order, location: null }),
      pay: undefined,
      // Sales knows no returns.
      refund: () => false,
      edit(sku, _, onHand) {
        const item = book.shelves.item(sku);
        if (item) setOnHand(item, onHand);
        return item !== undefined;
      },
    },
    book: () => book.book().map(pool),
    shown: () =>
      book.shelves.items
        .filter(({ tracked }) => tracked)
        .map((item) => ({ sku: item.sku, location: NO_LOCATION, available: onHandOf(item) })),
    oversold: () => book.oversold(),
    quiet: () => steps.sender.quiet(),
    close() {
      stop();
      steps.sender.close();
    },
    removeApp: () => {
      tenant.removed = true;
    },
    refusedCalls: () => limiter.refused,
    steps,
    organization,
  };
}

function stateOf(order: StockOrder): number {
  if (order.cancelledAtMs !== null) return 2;
  return order.lines.every((line) => openOf(line, order) === 0) ? 3 : 0;
}
