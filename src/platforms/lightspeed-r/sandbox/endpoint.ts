import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { RateLimiter, type Routed, Router } from '../../../platform/sandbox-kit/index.ts';
import { record, rowsOf } from '../api.ts';
import { type Account, itemNotes, type SaleRow } from './account.ts';
import { refusal } from './answers.ts';
import { listed, type Row, relationsOf } from './lists.ts';
import { isWaiting, itemNode, itemShopNode, linesOfRow, saleNode, shopNode } from './nodes.ts';
import type { Tokens } from './tokens.ts';

const ACCOUNT = '/API/V3/Account/{account}';
const REGISTER = 'employee:register_read';
const INVENTORY = 'employee:inventory';

/** Everything behind `api.lightspeedapp.com` that stock needs: token, drips, burst, then the call. */
export class Endpoint {
  readonly limiter: RateLimiter;
  private readonly router: Router;

  constructor(
    private readonly account: Account,
    private readonly tokens: Tokens,
  ) {
    const { clock, factor, unlimited } = account.options;
    this.limiter = new RateLimiter({
      clock,
      factor,
      unlimited,
      limits: {
        // One register.
        drips: { kind: 'bucket', size: 90, perSecond: 1 },
        burst: { kind: 'window', max: 20, perMs: 1_000 },
      },
    });
    this.router = new Router({
      notFound: () => refusal(404, 'Object of that type not found.'),
      wrongMethod: () => refusal(405, 'Method not allowed.'),
    });
    this.catalogue();
    this.sales();
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const url = new URL(request.url);
    if (url.pathname === '/auth/oauth/token' && request.method === 'POST') return this.tokens.renew(request);
    const cost = costOf(request, url);
    const burst = this.limiter.take('burst');
    if (!burst.ok) return this.tooMuch('api-burst-limiter', burst.retryAfterMs);
    const taken = this.limiter.take('drips', cost);
    if (!taken.ok) return this.tooMuch('api-leaky-bucket', taken.retryAfterMs);
    const answer = await this.router.handle(request);
    return { ...answer, headers: { ...answer.headers, ...this.told(cost) } };
  }

  /** What every answer tells of the bucket; nothing where there is no limit to keep to. */
  private told(cost: number): Record<string, string> {
    if (this.account.options.unlimited) return {};
    const { available, size, perSecond } = this.limiter.state('drips');
    return {
      'x-ls-acct-id': this.account.accountId,
      'x-ls-api-bucket-level': `${Number((size - available).toFixed(4))}/${size}`,
      'x-ls-api-drip-rate': String(perSecond),
      'x-ls-api-request-cost': String(cost),
    };
  }

  private tooMuch(limiter: string, afterMs: number): HttpResponse {
    return refusal(429, 'Rate limit exceeded.', {
      'x-ls-api-ratelimit-type': limiter,
      'retry-after': String(Math.ceil(afterMs / 1000)),
      ...this.told(1),
    });
  }

  private on(method: 'GET' | 'PUT', path: string, scope: string | null, work: (routed: Routed) => HttpResponse): void {
    this.router.on(method, path, (routed) => {
      const refused = this.tokens.check(routed.request, scope);
      if (refused) return refused;
      const { account } = routed.params;
      if (account !== undefined && account !== this.account.accountId)
        return refusal(403, 'You do not have access to that account.');
      try {
        return work(routed);
      } catch (error) {
        if (error instanceof SyntaxError) return refusal(400, 'Could not parse the request.');
        throw error;
      }
    });
  }

  private catalogue(): void {
    const { account } = this;
    const { shelves } = account.book;
    const { accountId, options } = account;
    this.on('GET', '/API/V3/Account.json', null, () =>
      jsonResponse(200, {
        '@attributes': { count: '1' },
        Account: {
          accountID: accountId,
          name: options.name,
          link: { '@attributes': { href: `/API/Account/${accountId}` } },
        },
      }),
    );
    this.on('GET', `${ACCOUNT}/Shop.json`, null, ({ url, query }) =>
      listed(url, 'Shop', ['shopID', 'timeStamp'], () =>
        account.shops
          .filter(({ archived }) => !archived || query.get('archived') === 'true')
          .map((shop) => ({ id: Number(shop.id), seconds: 0, node: () => shopNode(shop) })),
      ),
    );
    this.on('GET', `${ACCOUNT}/Item.json`, INVENTORY, ({ url, query }) => {
      const wanted = query.get('itemID');
      const ids = wanted === null ? null : new Set(/^IN,\[([\d,]*)\]$/.exec(wanted)?.[1]?.split(',') ?? []);
      if (ids && (ids.size === 0 || ids.size > 100)) return refusal(400, 'IN takes 1 to 100 values');
      const relations = relationsOf(query);
      return listed(url, 'Item', ['itemID', 'timeStamp'], () =>
        shelves.items
          .filter((item) => !itemNotes(item).archived && (!ids || ids.has(item.id)))
          .map((item) => ({ id: item.seq, seconds: 0, node: () => itemNode(item, relations) })),
      );
    });
    this.on('PUT', `${ACCOUNT}/Item/{id}.json`, INVENTORY, (routed) => this.writeItem(routed));
    this.on('GET', `${ACCOUNT}/ItemShop.json`, INVENTORY, ({ url }) =>
      listed(url, 'ItemShop', ['itemShopID', 'timeStamp'], () =>
        shelves.items.flatMap((item) =>
          item.levels.map((level, index) => ({
            id: item.seq * 100 + index + 1,
            seconds: Math.floor(level.changedAtMs / 1000),
            node: () => itemShopNode(level, index + 1),
          })),
        ),
      ),
    );
  }

  /** The item is saved; shops that it does not know are passed over without a word. */
  private writeItem({ params, request, query }: Routed): HttpResponse {
    const { book } = this.account;
    const item = book.shelves.itemById(params['id']!);
    if (!item) return refusal(404, `Object of type Item with ID ${params['id']} not found.`);
    for (const row of itemShopsOf(request)) {
      const qoh = Number(row['qoh']);
      if (!Number.isInteger(qoh)) return refusal(400, 'Item not updated. qoh must be an integer.');
      const level = book.shelves.level(item, String(row['shopID']));
      if (level && item.tracked) book.write(level, { available: qoh });
    }
    return jsonResponse(200, { '@attributes': { count: '1' }, Item: itemNode(item, relationsOf(query)) });
  }

  private sales(): void {
    const { account } = this;
    const rows = (url: URL): SaleRow[] => {
      const since = Date.parse(
        /^>=,(.+)$/.exec(url.searchParams.get('updatetime') ?? url.searchParams.get('timeStamp') ?? '')?.[1] ?? '',
      );
      return account.sales.page({ limit: Number.MAX_SAFE_INTEGER, ...(Number.isFinite(since) && { sinceMs: since }) })
        .items;
    };
    const isSale = (row: SaleRow): boolean => row.kind === 'refund' || !isWaiting(row.order);
    this.on('GET', `${ACCOUNT}/Sale.json`, REGISTER, ({ url, query }) => {
      const relations = relationsOf(query);
      const archivedToo = query.get('archived') === 'true';
      return listed(url, 'Sale', ['saleID', 'updatetime'], () =>
        rows(url)
          .filter((row) => isSale(row) && (archivedToo || saleNode(row, [])['archived'] !== 'true'))
          .map((row) => ({
            id: row.id,
            seconds: Math.floor(row.changedAtMs / 1000),
            node: () => saleNode(row, relations),
          })),
      );
    });
    this.on('GET', `${ACCOUNT}/Sale/{id}.json`, REGISTER, ({ params, query }) => {
      const row = account.saleOf.get(Number(params['id']));
      if (!row || !isSale(row)) return refusal(404, `Object of type Sale with ID ${params['id']} not found.`);
      return jsonResponse(200, { '@attributes': { count: '1' }, Sale: saleNode(row, relationsOf(query)) });
    });
    const lines = (relations: string[], some: SaleRow[]): Row[] =>
      some.flatMap((row) =>
        linesOfRow(row, relations, '').map((line) => ({
          id: Number(line['saleLineID']),
          seconds: Math.floor(row.changedAtMs / 1000),
          node: () => line,
        })),
      );
    this.on('GET', `${ACCOUNT}/SaleLine.json`, REGISTER, ({ url, query }) =>
      listed(url, 'SaleLine', ['saleLineID', 'timeStamp'], () => lines(relationsOf(query), rows(url))),
    );
    this.on('GET', `${ACCOUNT}/SaleLine/{id}.json`, REGISTER, ({ params, query }) => {
      const all = [...account.saleOf.values()];
      const line = lines(relationsOf(query), all).find(({ id }) => id === Number(params['id']));
      if (!line) return refusal(404, `Object of type SaleLine with ID ${params['id']} not found.`);
      return jsonResponse(200, { '@attributes': { count: '1' }, SaleLine: line.node() });
    });
  }
}

const itemShopsOf = (request: HttpRequest): Record<string, unknown>[] =>
  rowsOf(record(record(JSON.parse(bodyText(request)))?.['ItemShops'])?.['ItemShop']).map((row) => record(row) ?? {});

/** A drip; a fifth more for each related list, twice that where many are asked for; half for each shop written. */
function costOf(request: HttpRequest, url: URL): number {
  const relations = (url.searchParams.get('load_relations')?.match(/"/g)?.length ?? 0) / 2;
  const many = request.method === 'GET' && !/\/\d+\.json$/.test(url.pathname);
  let written = 0;
  try {
    if (request.method === 'PUT') written = itemShopsOf(request).length;
  } catch {
    // The call itself will be refused.
  }
  return Number((1 + relations * (many ? 0.4 : 0.2) + written / 2).toFixed(2));
}
