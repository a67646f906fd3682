import { NO_LOCATION } from '../../../platform/contract.ts';
import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { Sandbox, SandboxOptions } from '../../../platform/sandbox.ts';
import {
  type Routed,
  type StockEvent,
  type StockItem,
  type StockOrder,
  shopperOf,
} from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import { type CentralRow, invoiceTable, memoTable, openUnitsOf, orderTable } from './central-documents.ts';
import { CentralHooks } from './central-hooks.ts';
import { QueryError, runQuery, type Table } from './odata.ts';
import { guid, iso, numberOf, odataError, Tenant, throttled, UNAVAILABLE } from './tenant.ts';

/** What the stand-ins of all three products offer to tests beside what every one does. */
export interface DynamicsSandbox extends Sandbox {
  /** The app registration is deleted. */
  removeApp(): void;
  refusedCalls(): number;
}

/** And Business Central's alone. */
export interface CentralSandbox extends DynamicsSandbox {
  hooks: CentralHooks;
  company: string;
  blockItem(sku: string): void;
}

interface Entry {
  entryNumber: number;
  itemNumber: string;
  quantity: number;
  entryType: string;
  documentNumber: string;
  atMs: number;
}

const BATCH_MAX = 100;
const PAGE_MAX = 20_000;

/**
 * One company: sales orders that staff type in without looking at stock, one inventory per item, orders that are deleted when
 * the last of them is posted, credit memos, and an item ledger.
 */
export function centralSandbox(options: SandboxOptions): CentralSandbox {
  const companyId = guid('bc', numberOf(options.name));
  const place = options.locations[0]!.id;
  const tenant = new Tenant(options, {
    limits: { calls: { kind: 'window', max: 6_000, perMs: 300_000 } },
    locations: [place],
    itemKind: 'a1',
    orderKind: 'b1',
  });
  const { book, router, limiter } = tenant;
  const hooks = new CentralHooks(tenant, companyId);
  const orders = new Map<string, CentralRow>();
  const invoices = new Map<string, CentralRow>();
  const memos = new Map<string, CentralRow>();
  const ledger: Entry[] = [];
  const base = `/v2.0/${tenant.tenantId}/Production/api/v2.0`;
  const company = `${base}/companies(${companyId})`;

  const post = (item: StockItem, units: number, entryType: string, documentNumber: string) =>
    void ledger.push({
      entryNumber: ledger.length + 1,
      itemNumber: item.sku,
      quantity: units,
      entryType,
      documentNumber,
      atMs: options.clock.now(),
    });

  const orderNumber = (order: StockOrder) => `S-ORD${String(order.seq).padStart(6, '0')}`;

  const stop = book.onChange((event: StockEvent) => {
    if (event.kind === 'level') return;
    const { order, cause } = event;
    const modifiedMs = order.changedAtMs;
    const row: CentralRow = { id: order.id, number: orderNumber(order), order, modifiedMs };
    if (cause === 'refunded') {
      const seq = memos.size + 1;
      const memo = {
        ...row,
        id: guid('e1', seq),
        number: `PSCM${String(seq).padStart(6, '0')}`,
        refund: event.refund!,
      };
      memos.set(memo.id, memo);
      if (event.refund!.restock)
        for (const { line, quantity } of event.refund!.lines) post(line.item, quantity, 'Sale', memo.number);
      hooks.send('salesCreditMemos', memo.id, 'created', modifiedMs);
      return;
    }
    for (const { line, quantity } of (event.fulfilments ?? []).flatMap(({ lines }) => lines))
      post(line.item, -quantity, 'Sale', `PSS${row.number}`);
    // A cancelled order is deleted; so is one whose last unit was shipped and invoiced.
    const over = order.cancelledAtMs !== null || openUnitsOf(order) === 0;
    if (!over) {
      orders.set(row.id, row);
      hooks.send('salesOrders', row.id, cause === 'placed' ? 'created' : 'updated', modifiedMs);
      return;
    }
    if (orders.delete(row.id)) hooks.send('salesOrders', row.id, 'deleted', modifiedMs);
    if (order.fulfilments.length === 0) return;
    const invoice = { ...row, id: guid('d1', order.seq), number: `PSI${String(order.seq).padStart(6, '0')}` };
    invoices.set(invoice.id, invoice);
    hooks.send('salesInvoices', invoice.id, 'created', modifiedMs);
  });

  const levelOf = (item: StockItem) => item.levels[0]!;
  const etagOf = (item: StockItem) => `W/"JzIwO${item.seq};${Number(item.extra?.['version'] ?? 1)}"`;
  const itemNode = (item: StockItem) => ({
    '@odata.etag': etagOf(item),
    id: item.id,
    number: item.sku,
    displayName: item.title,
    type: item.tracked ? 'Inventory' : 'Service',
    blocked: item.extra?.['blocked'] === true,
    gtin: '',
    inventory: item.tracked ? levelOf(item).onHand : 0,
  });
  const itemTable: Table<StockItem> = {
    rows: () => book.shelves.items,
    field: (item, name) => ({ id: item.id, number: item.sku })[name],
    key: ({ sku }) => sku,
    columns: ['id', 'number', 'displayName', 'type', 'blocked', 'gtin', 'inventory'],
    node: itemNode,
  };
  const ledgerTable: Table<Entry> = {
    rows: () => ledger,
    field: (entry, name) => (name === 'lastModifiedDateTime' ? entry.atMs : entry[name as keyof Entry]),
    key: ({ entryNumber }) => entryNumber,
    columns: ['entryNumber', 'itemNumber', 'quantity', 'entryType', 'documentNumber', 'lastModifiedDateTime'],
    node: ({ atMs, ...entry }) => ({ ...entry, lastModifiedDateTime: iso(atMs) }),
  };

  const list =
    <Row>(table: Table<Row>) =>
    (routed: Routed): HttpResponse => {
      const asked = Number(/odata\.maxpagesize=(\d+)/.exec(routed.headers['prefer'] ?? '')?.[1] ?? PAGE_MAX);
      try {
        const { value, skiptoken } = runQuery(table, routed.query, Math.min(PAGE_MAX, Math.max(1, asked)));
        const next = new URL(routed.url);
        if (skiptoken) next.searchParams.set('$skiptoken', skiptoken);
        return jsonResponse(200, { '@odata.context': 'x', value, ...(skiptoken && { '@odata.nextLink': next.href }) });
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        return odataError(400, 'BadRequest', error.message);
      }
    };
  const one =
    <Row>(table: Table<Row>) =>
    (routed: Routed): HttpResponse => {
      const id = routed.params['id']!.toLowerCase();
      const row = table.rows().find((candidate) => table.field(candidate, 'id') === id);
      if (!row) return odataError(404, 'BadRequest_ResourceNotFound', 'The record does not exist.');
      return jsonResponse(200, table.node(row, routed.query.get('$expand')));
    };
  /** One by its id, without walking the table. */
  const byId = (rows: Map<string, CentralRow>, table: Table<CentralRow>) => (routed: Routed) => {
    const row = rows.get(routed.params['id']!.toLowerCase());
    if (!row) return odataError(404, 'BadRequest_ResourceNotFound', 'The record does not exist.');
    return jsonResponse(200, table.node(row, routed.query.get('$expand')));
  };

  /** Posts an item journal line for the difference, which makes a new version of the item. */
  const patchItem = (id: string, body: unknown, ifMatch: string | undefined): HttpResponse => {
    const item = book.shelves.itemById(id.toLowerCase());
    if (!item) return odataError(404, 'BadRequest_ResourceNotFound', 'The record does not exist.');
    if (!ifMatch) return odataError(428, 'BadRequest_RequiredHeaderMissing', 'The If-Match header is required.');
    if (ifMatch !== '*' && ifMatch !== etagOf(item))
      return odataError(
        409,
        'Request_EntityChanged',
        'Another user has already changed the record. Please refresh and try again.',
      );
    const wanted = record(body)?.['inventory'];
    if (typeof wanted !== 'number') return odataError(400, 'BadRequest', 'Cannot convert a value to Edm.Decimal.');
    if (!item.tracked && wanted !== 0)
      return odataError(
        400,
        'Application_FieldValidationException',
        `Type must be equal to 'Inventory' in Item: No.=${item.sku}.`,
      );
    if (item.extra?.['blocked'] === true && wanted !== levelOf(item).onHand)
      return odataError(
        400,
        'Application_FieldValidationException',
        `Blocked must be equal to 'No' in Item: No.=${item.sku}.`,
      );
    const change = wanted - levelOf(item).onHand;
    if (item.tracked && change !== 0) {
      book.write(levelOf(item), { onHand: wanted });
      post(item, change, change > 0 ? 'Positive Adjmt.' : 'Negative Adjmt.', item.sku);
    }
    item.extra = { ...item.extra, version: Number(item.extra?.['version'] ?? 1) + 1 };
    hooks.send('items', item.id, 'updated', options.clock.now());
    return jsonResponse(200, itemNode(item));
  };

  const batch = (routed: Routed): HttpResponse => {
    const requests = record(routed.json())?.['requests'];
    if (!Array.isArray(requests) || requests.length > BATCH_MAX)
      return odataError(400, 'BadRequest', `A batch holds at most ${BATCH_MAX} requests.`);
    const goesOn = routed.headers['prefer']?.includes('odata.continue-on-error');
    const responses: unknown[] = [];
    for (const raw of requests) {
      const { id, method, url, headers, body } = record(raw) as Record<string, unknown>;
      const taken = limiter.take('calls');
      const named = /^companies\(([0-9a-f-]{36})\)\/items\(([^)]+)\)$/i.exec(String(url));
      const given = Object.entries(record(headers) ?? {}).find(([name]) => name.toLowerCase() === 'if-match')?.[1];
      const answer = !taken.ok
        ? throttled(5)
        : method === 'PATCH' && named
          ? patchItem(named[2]!, body, given as string | undefined)
          : odataError(404, 'BadRequest_NotFound', 'There is no such resource.');
      responses.push({
        id,
        status: answer.status,
        headers: answer.headers,
        body: JSON.parse(Buffer.from(answer.body).toString('utf8')),
      });
      if (answer.status >= 400 && !goesOn) break;
    }
    return jsonResponse(200, { responses });
  };

  const sorted = (rows: Map<string, CentralRow>) => () => [...rows.values()];
  router
    .on('GET', `${base}/companies`, () =>
      jsonResponse(200, { value: [{ id: companyId, name: `CRONUS ${options.name}` }] }),
    )
    .on('GET', `${base}/subscriptions`, () => hooks.list())
    .on('POST', `${base}/subscriptions`, (routed) => hooks.create(routed))
    .on('PATCH', `${base}/subscriptions('{id}')`, (routed) => hooks.renew(routed))
    .on('DELETE', `${base}/subscriptions('{id}')`, (routed) => hooks.remove(routed))
    .on('POST', `${base}/$batch`, batch)
    .on('GET', `${company}/items`, list(itemTable))
    .on('GET', `${company}/items({id})`, one(itemTable))
    .on('PATCH', `${company}/items({id})`, (routed) =>
      patchItem(routed.params['id']!, routed.json(), routed.headers['if-match']),
    )
    .on('GET', `${company}/itemLedgerEntries`, list(ledgerTable))
    .on('GET', `${company}/salesOrders`, list(orderTable(sorted(orders))))
    .on('GET', `${company}/salesOrders({id})`, byId(orders, orderTable(sorted(orders))))
    .on('GET', `${company}/salesInvoices`, list(invoiceTable(sorted(invoices))))
    .on('GET', `${company}/salesInvoices({id})`, byId(invoices, invoiceTable(sorted(invoices))))
    .on('GET', `${company}/salesCreditMemos`, list(memoTable(sorted(memos))))
    .on('GET', `${company}/salesCreditMemos({id})`, byId(memos, memoTable(sorted(memos))));

  // Orders are typed in; whether there is enough, Business Central only warns.
  const people = shopperOf(book, { online: { policy: 'below-zero' }, till: { policy: 'below-zero' } });
  const pool = <Row extends { location: string }>(row: Row): Row => ({ ...row, location: NO_LOCATION });
  return {
    platform: 'dynamics365',
    account: companyId,
    config: ({ api }) => ({
      account: companyId,
      flavour: 'business-central',
      environment: 'Production',
      ...tenant.settings(api),
    }),
    handle: (request) => tenant.handle(request),
    fault: (kind) => (kind === 'throttled' ? throttled(5) : UNAVAILABLE),
    seed: (items) => book.seed(items),
    shopper: {
      ...people,
      buy: (order) => people.buy({ ...order, location: null }),
      pay: undefined,
      edit(sku, _, inventory) {
        const item = book.shelves.item(sku);
        if (!item) return false;
        const change = inventory - levelOf(item).onHand;
        book.write(levelOf(item), { onHand: inventory }, 'edit');
        if (change !== 0) post(item, change, change > 0 ? 'Positive Adjmt.' : 'Negative Adjmt.', 'T00001');
        return true;
      },
    },
    book: () => book.book().map(pool),
    shown: () =>
      book.shelves.items
        .filter(({ tracked }) => tracked)
        .map((item) => ({ sku: item.sku, location: NO_LOCATION, available: levelOf(item).onHand })),
    oversold: () => book.oversold(),
    quiet: () => hooks.sender.quiet(),
    close() {
      stop();
      hooks.sender.close();
    },
    removeApp: () => {
      tenant.removed = true;
    },
    refusedCalls: () => limiter.refused,
    hooks,
    company: companyId,
    blockItem(sku) {
      const item = book.shelves.item(sku);
      if (item) item.extra = { ...item.extra, blocked: true };
    },
  };
}
