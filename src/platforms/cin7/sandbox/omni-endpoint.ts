import { quantity } from '../../../domain/quantity.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import {
  availableOf,
  openOf,
  RateLimiter,
  Router,
  type StockItem,
  type StockOrder,
} from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import { type Account, iso } from './account.ts';

const BASE = '/api/v1';
/** 3 a second and 60 in any minute, and 5,000 a day, as buckets that never let more through. */
const LIMITS = {
  calls: { kind: 'bucket', size: 3, perSecond: 0.95 },
  day: { kind: 'bucket', size: 1_000, perSecond: 0.046 },
} as const;

const says = (status: number, message: string): HttpResponse => jsonResponse(status, { message });
export const OMNI_THROTTLED = says(429, 'API calls limit exceeded.');

/** What the stand-in takes a line's quantity for; real accounts differ, or nobody knows. */
export type OmniQuantity = 'difference' | 'counted';

/** Everything behind Omni's address: Basic, limits, then the call. */
export class OmniEndpoint {
  readonly limiter: RateLimiter;
  readonly modules = new Set(['Branches', 'Products', 'Stock', 'SalesOrders', 'CreditNotes', 'Adjustments']);
  private readonly references = new Set<string>();
  private readonly router = new Router({
    notFound: () => says(404, 'No HTTP resource was found that matches the request URI.'),
    wrongMethod: () => says(405, 'The requested resource does not support this http method.'),
  });

  constructor(
    private readonly account: Account,
    private readonly meaning: OmniQuantity,
  ) {
    const { clock, factor, unlimited } = account.options;
    this.limiter = new RateLimiter({ clock, factor, unlimited, limits: LIMITS });
    this.routes();
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const { account } = this;
    const answer = await this.answer(request);
    return { ...answer, headers: { ...answer.headers, date: new Date(account.options.clock.now()).toUTCString() } };
  }

  private async answer(request: HttpRequest): Promise<HttpResponse> {
    const { account } = this;
    const proof = Buffer.from(`${account.account}:${account.apiKey}`).toString('base64');
    if (account.revoked || request.headers['authorization'] !== `Basic ${proof}`) return says(401, 'Unauthorized');
    const url = new URL(request.url);
    if (!url.pathname.startsWith(BASE)) url.pathname = `${BASE}${url.pathname}`;
    if (!this.modules.has(url.pathname.split('/')[3] ?? '')) return says(403, 'The API connection may not do this.');
    if (!this.limiter.take('calls').ok || !this.limiter.take('day').ok) return OMNI_THROTTLED;
    return this.router.handle({ ...request, url: url.href });
  }

  private routes(): void {
    const { account, router } = this;
    const { book } = account;
    const order = (id: string) => {
      const found = book.order(id);
      return found ? jsonResponse(200, orderJson(found)) : says(404, 'Not found.');
    };
    router
      .on('GET', `${BASE}/Branches`, ({ query }) =>
        paged(account.places, query, ({ id, name, closed }) => ({ id: Number(id), company: name, isActive: !closed })),
      )
      .on('GET', `${BASE}/Products`, ({ query }) => paged(book.shelves.items, query, productJson))
      .on('GET', `${BASE}/Stock`, ({ query }) => this.stock(query))
      .on('GET', `${BASE}/SalesOrders`, ({ query }) => this.changed(query, (since) => this.orders(since)))
      .on('GET', `${BASE}/SalesOrders/{id}`, ({ params }) => order(params['id']!))
      .on('GET', `${BASE}/CreditNotes`, ({ query }) => this.changed(query, (since) => this.credits(since)))
      .on('GET', `${BASE}/CreditNotes/{id}`, ({ params }) => {
        const found = this.credits(0).find(({ id }) => String(id) === params['id']);
        return found ? jsonResponse(200, found) : says(404, 'Not found.');
      })
      .on('POST', `${BASE}/Adjustments`, (routed) => {
        const documents = routed.json();
        if (!Array.isArray(documents) || documents.length > 250) return says(400, 'An array of at most 250.');
        return jsonResponse(
          200,
          documents.map((one, index) => ({ index, ...this.adjust(record(one) ?? {}) })),
        );
      });
  }

  private stock(query: URLSearchParams): HttpResponse {
    const wanted = [...(query.get('where') ?? '').matchAll(/productOptionId=(\d+)/g)].map(([, id]) => id);
    const items = this.account.book.shelves.items.filter(
      ({ id, tracked }) => tracked && (wanted.length === 0 || wanted.includes(id)),
    );
    return paged(
      items.flatMap(({ levels }) => levels),
      query,
      (level) => ({
        productId: Number(level.item.id),
        productOptionId: Number(level.item.id),
        modifiedDate: iso(level.changedAtMs),
        styleCode: level.item.sku,
        code: level.item.sku,
        barcode: '',
        branchId: Number(level.location),
        branchName: this.account.nameOf(level.location),
        productName: level.item.title,
        available: availableOf(level),
        stockOnHand: level.onHand,
        openSales: level.committed,
        incoming: 0,
        virtual: 0,
        holding: 0,
      }),
    );
  }

  private changed(query: URLSearchParams, rows: (sinceMs: number) => unknown[]): HttpResponse {
    const since = /^modifiedDate>'([^']+)'$/.exec(query.get('where') ?? '')?.[1];
    if (since === undefined || Number.isNaN(Date.parse(since))) return says(400, 'Invalid where clause.');
    return paged(rows(Date.parse(since) + 1), query, (row) => row);
  }

  private orders(sinceMs: number) {
    return this.account.book.changedOrders.page({ sinceMs, limit: 100_000 }).items.map(orderJson);
  }

  /** Below zero, as Omni writes them. */
  private credits(sinceMs: number) {
    return this.account.credited
      .page({ limit: 100_000 })
      .items.flatMap((order) =>
        order.refunds
          .filter(({ of, atMs, restock }) => of === 'return' && restock && atMs >= sinceMs)
          .map((refund) => ({
            id: 700_000 + refund.seq,
            reference: `CRN-${refund.seq}`,
            salesReference: `SO-${order.seq}`,
            createdDate: iso(refund.atMs),
            modifiedDate: iso(refund.atMs),
            completedDate: iso(refund.atMs),
            isApproved: true,
            isVoid: false,
            status: 'APPROVED',
            branchId: Number(order.location),
            source: 'Backend',
            lineItems: refund.lines.map(({ line, quantity: units }, index) => ({
              id: refund.seq * 100 + index,
              productId: Number(line.item.id),
              productOptionId: Number(line.item.id),
              code: line.item.sku,
              qty: -units,
            })),
          })),
      )
      .sort((a, b) => a.modifiedDate.localeCompare(b.modifiedDate));
  }

  private adjust(document: Record<string, unknown>): Record<string, unknown> {
    const { book, places } = this.account;
    const no = (error: string) => ({ success: false, id: 0, code: '', errors: [error] });
    const reference = String(document['reference'] ?? '');
    if (reference.length > 20) return no('The field reference must be a string with a maximum length of 20.');
    if (this.references.has(reference)) return no(`Reference ${reference} already exists.`);
    const place = places.find(({ id }) => Number(id) === document['branchId']);
    if (!place || place.closed) return no('Branch not found.');
    const lines = Array.isArray(document['lineItems']) ? document['lineItems'] : [];
    const found = lines.map((one) => {
      const { productOptionId, qty } = record(one) ?? {};
      return { item: book.shelves.itemById(String(productOptionId)), qty: Number(qty) };
    });
    if (found.length === 0) return no('Line items are required.');
    if (found.some(({ item, qty }) => !item?.tracked || !Number.isFinite(qty))) return no('Product option not found.');
    this.references.add(reference);
    for (const { item, qty } of found) {
      const level = book.shelves.level(item!, place.id)!;
      book.write(level, { onHand: this.meaning === 'counted' ? qty : quantity(level.onHand + qty) });
    }
    return { success: true, id: this.references.size, code: reference, errors: [] };
  }
}

const productJson = (item: StockItem) => ({
  id: Number(item.id),
  name: item.title,
  status: 'Public',
  stockControl: item.tracked ? 'FIFO' : 'NonInventory',
  styleCode: item.sku,
  productOptions: [
    { id: Number(item.id), code: item.sku, barcode: '', status: 'Primary', option1: '', option2: '', option3: '' },
  ],
});

function orderJson(order: StockOrder) {
  const voided = order.cancelledAtMs !== null;
  const open = order.lines.some((line) => openOf(line, order) > 0);
  return {
    id: order.seq + 1_000,
    reference: `SO-${order.seq}`,
    createdDate: iso(order.placedAtMs),
    modifiedDate: iso(order.changedAtMs),
    isApproved: order.taken,
    isVoid: voided,
    status: voided ? 'VOID' : order.taken ? 'APPROVED' : 'DRAFT',
    stage: !open && order.taken && !voided ? 'Dispatched' : 'New',
    dispatchedDate: !open && order.taken && !voided ? iso(order.changedAtMs) : null,
    branchId: Number(order.location),
    distributionBranchId: 0,
    source: 'Backend',
    customerOrderNo: '',
    lineItems: order.lines.map((line) => ({
      id: Number(line.id),
      transactionId: order.seq + 1_000,
      productId: Number(line.item.id),
      productOptionId: Number(line.item.id),
      code: line.item.sku,
      name: line.item.title,
      qty: line.quantity,
      qtyShipped: line.parts.reduce((sum, part) => quantity(sum + part.fulfilled), 0),
    })),
  };
}

function paged<T>(rows: readonly T[], query: URLSearchParams, json: (row: T) => unknown): HttpResponse {
  const page = Number(query.get('page') ?? 1);
  const size = Number(query.get('rows') ?? 50);
  if (!Number.isInteger(page) || page < 1 || !Number.isInteger(size) || size < 1 || size > 250)
    return says(400, 'page or rows is not valid.');
  return jsonResponse(200, rows.slice((page - 1) * size, page * size).map(json));
}
