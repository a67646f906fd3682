import { quantity } from '../../../domain/quantity.ts';
import { type HttpResponse, jsonRequest, jsonResponse } from '../../../platform/http.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import {
  HookSender,
  type Routed,
  type StockItem,
  type StockOrder,
  type StockPart,
  type StockRefund,
  shopperOf,
} from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import type { DynamicsSandbox } from './business-central.ts';
import { dataEvent } from './data-event.ts';
import { QueryError, runQuery, type Table } from './odata.ts';
import { guid, iso, numberOf, Tenant, throttled, UNAVAILABLE } from './tenant.ts';
import { Visibility } from './visibility.ts';

export interface SupplyChainSandbox extends DynamicsSandbox {
  visibility: Visibility;
}

interface Header {
  number: string;
  order: StockOrder;
  /** A return is an order of its own, with lines below zero. */
  refund?: StockRefund;
  createdMs: number;
}
interface LineRow {
  header: Header;
  lot: string;
  item: StockItem;
  location: string;
  ordered: number;
  remaining: number;
  status: 'Backorder' | 'Delivered' | 'Canceled';
}

const ENVIRONMENT = guid('f0', 1);
const PAGE_MAX = 10_000;
const REMAINING = 'RemainSalesPhysical';

/**
 * One legal entity with several warehouses on two sites. Sales orders name a warehouse per line and are typed in without
 * looking at stock; what can be bought elsewhere is a measure of Inventory Visibility.
 */
export function supplyChainSandbox(options: SandboxOptions): SupplyChainSandbox {
  /** A legal entity has up to four letters. */
  const company = `u${(numberOf(options.name) % 46_656).toString(36).padStart(3, '0')}`;
  const tenant = new Tenant(options, {
    limits: { calls: { kind: 'window', max: 6_000, perMs: 300_000 } },
    locations: options.locations.map(({ id }) => id),
    itemKind: 'a3',
    orderKind: 'b3',
  });
  const { book, router, limiter } = tenant;
  const siteOf = (location: string) => (options.locations.findIndex(({ id }) => id === location) === 0 ? '1' : '2');
  const names = { organization: company, source: 'onhand', measure: 'sellable' };
  const visibility = new Visibility(options.clock, options.factor, names);
  const headers = new Map<string, Header>();
  const webhookSecret = `code${options.name.replaceAll('-', '')}8f2d71c4a9`;
  let endpoint = '';
  const sender = new HookSender({
    ...options,
    plan: {
      delayMs: (chance) => 2_000 + chance() * 30_000,
      retriesMs: [1_000, 1_000, 1_000],
      bodyFrom: 'event',
      coalesce: false,
      offAfter: null,
    },
  });

  /** A data event: the row of the header entity that changed. */
  const tell = (header: Header, message: 'Create' | 'Update') => {
    if (endpoint === '') return;
    const body = dataEvent(message, header.order.id, header.number, company, options.clock.now());
    const url = `${endpoint}?code=${encodeURIComponent(webhookSecret)}`;
    sender.send({ subscription: 'data-events', key: header.number, build: () => jsonRequest('POST', url, body) });
  };

  const stop = book.onChange((event) => {
    if (event.kind === 'level') return;
    const { order, refund } = event;
    if (event.cause === 'refunded') {
      // Money alone leaves no line with goods.
      if (!refund?.restock) return;
      const header = {
        number: `RMA${String(headers.size).padStart(6, '0')}`,
        order,
        refund,
        createdMs: order.changedAtMs,
      };
      headers.set(header.number, header);
      tell(header, 'Create');
      return;
    }
    const number = `SO${String(order.seq).padStart(6, '0')}`;
    const known = headers.get(number);
    const header = known ?? { number, order, createdMs: order.placedAtMs };
    headers.set(number, header);
    tell(header, known ? 'Update' : 'Create');
  });

  const linesOf = (header: Header): LineRow[] => {
    const { order, refund, number } = header;
    if (refund)
      return refund.lines.map(({ line, quantity: units, location }, index) => ({
        header,
        lot: `${number}-${index}`,
        item: line.item,
        location: location!,
        ordered: -units,
        remaining: 0,
        status: 'Delivered',
      }));
    const cancelled = order.cancelledAtMs !== null;
    return order.lines.flatMap((line, index) =>
      line.parts.map((part: StockPart, slot) => ({
        header,
        lot: `${number}-${index}-${slot}`,
        item: line.item,
        location: part.location,
        ordered: quantity(part.committed + part.fulfilled + (cancelled ? part.released : 0)),
        remaining: part.committed,
        status: cancelled ? 'Canceled' : part.committed === 0 ? 'Delivered' : 'Backorder',
      })),
    );
  };

  const headerTable: Table<Header> = {
    rows: () => [...headers.values()],
    field: ({ number, createdMs }, name) =>
      name === 'OrderCreationDateTime' ? Math.floor(createdMs) : name === 'dataAreaId' ? company : number,
    key: ({ number }) => number,
    columns: [
      'dataAreaId',
      'SalesOrderNumber',
      'SalesOrderStatus',
      'SalesOrderProcessingStatus',
      'OrderCreationDateTime',
    ],
    node(header) {
      const lines = linesOf(header);
      const status = lines.every((line) => line.status === 'Canceled')
        ? 'Canceled'
        : lines.every((line) => line.status === 'Delivered')
          ? 'Delivered'
          : 'Backorder';
      return {
        dataAreaId: company,
        SalesOrderNumber: header.number,
        SalesOrderStatus: status,
        SalesOrderProcessingStatus: status === 'Backorder' ? 'Confirmed' : status,
        OrderCreationDateTime: iso(header.createdMs),
      };
    },
  };
  const lineFields = (row: LineRow): Record<string, string | number> => ({
    dataAreaId: company,
    SalesOrderNumber: row.header.number,
    InventoryLotId: row.lot,
    ItemNumber: row.item.sku,
    OrderedSalesQuantity: row.ordered,
    ShippingSiteId: siteOf(row.location),
    ShippingWarehouseId: row.location,
    SalesOrderLineStatus: row.status,
    [REMAINING]: row.remaining,
  });
  const lineTable = (rows: () => LineRow[]): Table<LineRow> => ({
    rows,
    field: (row, name) => lineFields(row)[name],
    key: ({ lot }) => lot,
    columns: [
      'dataAreaId',
      'SalesOrderNumber',
      'InventoryLotId',
      'ItemNumber',
      'OrderedSalesQuantity',
      'ShippingSiteId',
      'ShippingWarehouseId',
      'SalesOrderLineStatus',
      REMAINING,
    ],
    node: lineFields,
  });
  const productTable: Table<StockItem> = {
    rows: () => book.shelves.items,
    field: (item, name) => (name === 'dataAreaId' ? company : item.sku),
    key: ({ sku }) => sku,
    columns: ['dataAreaId', 'ItemNumber', 'ProductNumber', 'SearchName', 'ProductType'],
    node: (item) => ({
      dataAreaId: company,
      ItemNumber: item.sku,
      ProductNumber: item.sku,
      SearchName: item.title,
      ProductType: item.tracked ? 'Item' : 'Service',
    }),
  };
  const warehouseTable: Table<SandboxOptions['locations'][0]> = {
    rows: () => options.locations,
    field: ({ id }, name) => (name === 'dataAreaId' ? company : id),
    key: ({ id }) => id,
    columns: ['dataAreaId', 'WarehouseId', 'WarehouseName', 'OperationalSiteId'],
    node: ({ id, name }) => ({
      dataAreaId: company,
      WarehouseId: id,
      WarehouseName: name,
      OperationalSiteId: siteOf(id),
    }),
  };

  const list =
    <Row>(table: () => Table<Row>) =>
    (routed: Routed): HttpResponse => {
      // Rows of the default company only, and that is another one.
      if (routed.query.get('cross-company') !== 'true') return jsonResponse(200, { value: [] });
      const asked = Number(/odata\.maxpagesize=(\d+)/.exec(routed.headers['prefer'] ?? '')?.[1] ?? PAGE_MAX);
      try {
        const { value, skiptoken } = runQuery(table(), routed.query, Math.min(PAGE_MAX, Math.max(1, asked)));
        const next = new URL(routed.url);
        if (skiptoken) next.searchParams.set('$skiptoken', skiptoken);
        return jsonResponse(200, { '@odata.context': 'x', value, ...(skiptoken && { '@odata.nextLink': next.href }) });
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        return jsonResponse(400, {
          error: {
            code: '',
            message: 'An error has occurred.',
            innererror: { message: error.message, type: 'Microsoft.OData.ODataException', stacktrace: '' },
          },
        });
      }
    };
  /** Lines of one order without walking through all of them. */
  const lineRows = (routed: Routed): LineRow[] => {
    const number = /SalesOrderNumber eq '([^']+)'/.exec(routed.query.get('$filter') ?? '')?.[1];
    const header = number === undefined ? undefined : headers.get(number);
    return number === undefined ? [...headers.values()].flatMap(linesOf) : header ? linesOf(header) : [];
  };

  tenant.scopeOf = ({ url }) => (new URL(url).pathname.startsWith('/api/environment/') ? 'inventory' : 'api');
  const base = `/api/environment/${ENVIRONMENT}`;
  router
    .on('POST', '/token', (routed) => {
      const told = (record(routed.json()) ?? {}) as Record<string, string>;
      const good = tenant.isGood(told['client_assertion'] ?? '', 'assertion') && told['context'] === ENVIRONMENT;
      if (!good || routed.headers['api-version'] !== '1.0')
        return jsonResponse(401, { error: 'invalid_client', error_description: 'The client assertion is not valid.' });
      return tenant.issue('inventory');
    })
    .on(
      'GET',
      '/data/Warehouses',
      list(() => warehouseTable),
    )
    .on(
      'GET',
      '/data/ReleasedProductsV2',
      list(() => productTable),
    )
    .on(
      'GET',
      '/data/SalesOrderHeadersV2',
      list(() => headerTable),
    )
    .on('GET', '/data/SalesOrderLines', (routed) => list(() => lineTable(() => lineRows(routed)))(routed))
    .on('POST', `${base}/onhand/indexquery`, (routed) => visibility.query(routed))
    .on('POST', `${base}/setonhand/{source}/bulk`, (routed) => visibility.setAll(routed))
    .on('POST', `${base}/onhand`, (routed) => visibility.change([routed.json()]))
    .on('POST', `${base}/onhand/bulk`, (routed) => {
      const rows = routed.json();
      return visibility.change(Array.isArray(rows) ? rows : []);
    })
    .on('POST', `${base}/onhand/reserve`, (routed) => visibility.reserve(routed));

  const people = shopperOf(book, { online: { policy: 'below-zero' }, till: { policy: 'below-zero' } });
  return {
    platform: 'dynamics365',
    account: company,
    config: ({ api, hook }) => {
      endpoint = hook;
      return {
        account: company,
        flavour: 'supply-chain',
        ...tenant.settings(api),
        inventoryUrl: api,
        securityUrl: api,
        environmentId: ENVIRONMENT,
        remainingColumn: REMAINING,
        webhookSecret,
      };
    },
    handle: (request) => tenant.handle(request),
    fault: (kind) => (kind === 'throttled' ? throttled(5) : UNAVAILABLE),
    seed(items) {
      book.seed(items);
      for (const { sku, stock } of items)
        for (const { id } of options.locations) visibility.put(sku, siteOf(id), id, stock[id] ?? 0);
    },
    shopper: {
      ...people,
      pay: undefined,
      edit(sku, location, units) {
        if (!book.shelves.item(sku) || !options.locations.some(({ id }) => id === location)) return false;
        visibility.put(sku, siteOf(location), location, units);
        return true;
      },
    },
    book: () => book.book(),
    shown: () =>
      book.shelves.items
        .filter(({ tracked }) => tracked)
        .flatMap(({ sku }) =>
          options.locations.map(({ id }) => {
            const { shown, reserved } = visibility.cell(sku, siteOf(id), id);
            return { sku, location: id, available: quantity(shown - reserved) };
          }),
        ),
    oversold: () => book.oversold(),
    quiet: () => sender.quiet() && visibility.quiet(),
    close() {
      stop();
      sender.close();
      visibility.close();
    },
    removeApp: () => {
      tenant.removed = true;
    },
    refusedCalls: () => limiter.refused,
    visibility,
  };
}
