import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { ChangeLog } from '../../../platform/sandbox-kit/change-log.ts';
import { RateLimiter, Router, type StockItem, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import { type Account, productNotes } from './account.ts';
import type { CoreHooks } from './core-hooks.ts';
import { adjust, availabilityRows } from './core-stock.ts';
import { refusal } from './refusal.ts';
import { listedSale, saleJson } from './sale-json.ts';

const BASE = '/ExternalApi/v2';
/** 60 in any minute: a bucket that never lets more through is stricter than a window that begins anew. */
const CALLS = { kind: 'bucket', size: 6, perSecond: 0.9 } as const;

/** The documented answer to the sixty-first call of a minute. */
export const THROTTLED = refusal(503, 'You have reached 60 calls per 60 seconds API limit.');

/** Everything behind Core's address: key, limit, then the call. */
export class CoreEndpoint {
  readonly limiter: RateLimiter;
  private adjustments = 0;
  private readonly router = new Router({
    notFound: () => refusal(404, 'Endpoint does not exist.'),
    wrongMethod: () => refusal(405, 'Not allowed.'),
  });

  constructor(
    private readonly account: Account,
    hooks: CoreHooks,
  ) {
    const { clock, factor, unlimited } = account.options;
    this.limiter = new RateLimiter({ clock, factor, unlimited, limits: { calls: CALLS } });
    this.reads();
    this.router.on('POST', `${BASE}/stockadjustment`, (routed) => {
      this.adjustments += 1;
      return adjust(record(routed.json()) ?? {}, account, this.adjustments);
    });
    hooks.routes(this.router, BASE);
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const { account } = this;
    const { headers } = request;
    const good =
      headers['api-auth-accountid'] === account.account && headers['api-auth-applicationkey'] === account.apiKey;
    const answer = await this.answer(request, good && !account.revoked);
    return { ...answer, headers: { ...answer.headers, date: new Date(account.options.clock.now()).toUTCString() } };
  }

  private async answer(request: HttpRequest, good: boolean): Promise<HttpResponse> {
    if (!good) return refusal(403, 'Incorrect credentials!');
    if (!this.limiter.take('calls').ok) return THROTTLED;
    const url = new URL(request.url);
    const path = url.pathname.startsWith(BASE) ? url.pathname : `${BASE}${url.pathname}`;
    url.pathname = path;
    try {
      return await this.router.handle({ ...request, url: url.href });
    } catch (error) {
      if (error instanceof SyntaxError) return refusal(400, 'The request was not in a correct form.');
      throw error;
    }
  }

  private reads(): void {
    const { account, router } = this;
    const { book } = account;
    const sales = (log: ChangeLog<StockOrder>, query: URLSearchParams) => {
      const page = pageOf(query);
      if (!page) return refusal(400, 'Page and Limit are not valid.');
      const since = query.get('UpdatedSince');
      // Newest first; unknown filters are passed over in silence.
      const { items, total } = log.page({
        ...(since && { sinceMs: Date.parse(`${since}Z`) }),
        offset: page.offset,
        limit: page.limit,
        newestFirst: true,
      });
      return jsonResponse(200, {
        Total: total,
        Page: page.page,
        SaleList: items.map((order) => listedSale(order, account)),
      });
    };
    router
      .on('GET', `${BASE}/me`, () =>
        jsonResponse(200, { Company: account.options.name, Currency: 'USD', LockDate: null }),
      )
      .on('GET', `${BASE}/ref/location`, () =>
        jsonResponse(200, {
          LocationList: account.places.map(({ id, name, closed }) => ({
            ID: id,
            Name: name,
            IsDeprecated: closed,
            ParentID: null,
            Bins: [],
          })),
          Total: account.places.length,
          Page: 1,
        }),
      )
      .on('GET', `${BASE}/product`, ({ query }) =>
        listed('Products', productsFor(account, query.get('ID')), query, (item) => productJson(item)),
      )
      .on('GET', `${BASE}/ref/productavailability`, ({ query }) => {
        const place = query.get('Location');
        const levels = productsFor(account, query.get('ID'))
          .filter(({ tracked }) => tracked)
          .flatMap((item) => item.levels)
          .filter((level) => place === null || account.nameOf(level.location) === place);
        return listed('ProductAvailabilityList', availabilityRows(levels, account), query, (row) => row);
      })
      .on('GET', `${BASE}/saleList`, ({ query }) => sales(book.changedOrders, query))
      .on('GET', `${BASE}/saleCreditNoteList`, ({ query }) => sales(account.credited, query))
      .on('GET', `${BASE}/sale`, ({ query }) => {
        const order = book.order(query.get('ID') ?? '');
        return order ? jsonResponse(200, saleJson(order, account)) : refusal(404, 'Sale was not found.');
      });
  }
}

const productsFor = ({ book }: Account, id: string | null): StockItem[] =>
  id === null ? book.shelves.items : [book.shelves.itemById(id)].filter((item) => item !== undefined);

const productJson = (item: StockItem) => ({
  ID: item.id,
  SKU: item.sku,
  Name: item.title,
  Barcode: null,
  Type: item.tracked ? 'Stock' : 'Service',
  CostingMethod: 'FIFO',
  UOM: 'Item',
  Status: 'Active',
  AverageCost: 4.5,
  BillOfMaterial: productNotes(item).made === true,
  AutoAssembly: productNotes(item).made === true,
});

function pageOf(query: URLSearchParams): { page: number; limit: number; offset: number } | undefined {
  const page = Number(query.get('Page') ?? 1);
  const limit = Number(query.get('Limit') ?? 100);
  if (!Number.isInteger(page) || page < 1 || !Number.isInteger(limit) || limit < 1 || limit > 1_000) return undefined;
  return { page, limit, offset: (page - 1) * limit };
}

function listed<T>(name: string, rows: T[], query: URLSearchParams, json: (row: T) => unknown): HttpResponse {
  const page = pageOf(query);
  if (!page) return refusal(400, 'Page and Limit are not valid.');
  const shown = rows.slice(page.offset, page.offset + page.limit);
  return jsonResponse(200, { Total: rows.length, Page: page.page, [name]: shown.map(json) });
}
