import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { asUtc, utcMs } from '../../../platform/local-time.ts';
import { RateLimiter, type StockItem } from '../../../platform/sandbox-kit/index.ts';
import { readAnswer, record } from '../answer.ts';
import { type DocSet, SETS } from '../documents.ts';
import { BUSY, notFound, refusal } from './answers.ts';
import { type BusinessDocument, type Company, itemNotes, TIME_ZONE } from './company.ts';
import { documentOf, headOf } from './document-json.ts';
import { type Fields, filterOf, orderOf, QueryError, selected } from './odata.ts';
import type { Sessions } from './sessions.ts';
import { type Postable, postStock, stockDocumentOf, stockRows } from './stock-documents.ts';

const ROOT = '/b1s/v2/';
const CALL_MS = 80;
/** Worker processes of a small server; what comes on top is turned away by the balancer. */
const WORKERS = 6;
const PAGE = 20;
const BATCH_MAX = 100;
const STOCK_SETS: readonly string[] = ['InventoryGenExits', 'InventoryGenEntries', 'InventoryPostings'];
/** Of the purchasing and warehouse staff; they are there, and nobody posts one here but by hand. */
const BY_HAND: readonly string[] = ['PurchaseDeliveryNotes', 'StockTransfers'];

/** One row of a set: cheap to look at, whole only when it is shown. */
interface Entry {
  look: Fields;
  whole: () => Fields;
}

/** The Service Layer: session, workers, then the call. */
export class Endpoint {
  readonly limiter: RateLimiter;

  constructor(
    private readonly company: Company,
    private readonly sessions: Sessions,
  ) {
    const { clock, factor, unlimited } = company.options;
    const limits = { workers: { kind: 'in-flight', max: WORKERS } } as const;
    this.limiter = new RateLimiter({ clock, factor, unlimited, limits });
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const { clock, factor } = this.company.options;
    const leave = this.limiter.enter('workers');
    if (!leave) return BUSY;
    try {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith(ROOT)) return refusal(404, '-1', 'Not found');
      if (pathname === `${ROOT}Login` && request.method === 'POST') return this.sessions.login(request);
      const refused = this.sessions.check(request);
      if (refused) return refused;
      if (pathname === `${ROOT}Logout`) return this.sessions.logout(request);
      const answer = pathname === `${ROOT}$batch` ? this.#batch(request) : this.#one(request);
      await clock.sleep(CALL_MS / factor);
      return answer;
    } finally {
      leave();
    }
  }

  #batch(request: HttpRequest): HttpResponse {
    const boundary = /boundary=(\S+)/.exec(request.headers['content-type'] ?? '')?.[1];
    if (!boundary || request.method !== 'POST') return refusal(400, '-1', 'The batch has no boundary.');
    const parts = bodyText(request).split(`--${boundary}`).slice(1, -1);
    if (parts.length > BATCH_MAX) return refusal(400, '-1', 'The batch is too large.');
    const out = parts.map((part) => {
      const [head = '', ...rest] = part.trimStart().split('\r\n\r\n');
      const [first = '', ...lines] = (rest[0] ?? '').split('\r\n');
      const [method, path] = first.split(' ');
      const isGood = /application\/http/i.test(head) && method === 'GET' && path?.startsWith(ROOT);
      const headers = Object.fromEntries(
        lines.map((line) => line.split(': ')).map(([name, value]) => [name!.toLowerCase(), value ?? '']),
      );
      const answer = isGood
        ? this.#one({ method: 'GET', url: `${new URL(request.url).origin}${path}`, headers })
        : refusal(400, '-1', 'The part cannot be read.');
      return [
        '--batchresponse_1b2',
        'Content-Type:application/http',
        'Content-Transfer-Encoding:binary',
        '',
        `HTTP/1.1 ${answer.status} ${answer.status === 200 ? 'OK' : 'Error'}`,
        'Content-Type:application/json;odata.metadata=minimal;charset=utf-8',
        `Content-Length:${answer.body.length}`,
        '',
        bodyText(answer),
        '',
      ].join('\r\n');
    });
    return {
      status: 202,
      headers: { 'content-type': 'multipart/mixed;boundary=batchresponse_1b2' },
      body: Buffer.from(`${out.join('')}--batchresponse_1b2--\r\n`),
    };
  }

  #one(request: HttpRequest): HttpResponse {
    const url = new URL(request.url);
    const match = /^(\w+)(?:\((.+)\))?$/.exec(decodeURIComponent(url.pathname.slice(ROOT.length)));
    if (!match) return refusal(404, '-1', 'Unrecognized resource path.');
    const [, set = '', key] = match;
    try {
      if (request.method === 'POST' && STOCK_SETS.includes(set) && key === undefined)
        return postStock(set as Postable, record(readAnswer({ body: Buffer.from(request.body ?? '') })), this.company);
      if (request.method !== 'GET') return refusal(405, '-1', 'Method not allowed');
      const select = url.searchParams.get('$select');
      if (key !== undefined) {
        const found = this.#byKey(set, key.startsWith("'") ? key.slice(1, -1).replaceAll("''", "'") : key);
        return found
          ? jsonResponse(200, { '@odata.context': `$metadata#${set}/$entity`, ...selected(found, select) })
          : notFound;
      }
      return this.#list(set, url, request.headers['prefer']);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      return refusal(400, '-1000', error.message);
    }
  }

  #list(set: string, url: URL, prefer: string | undefined): HttpResponse {
    const filter = url.searchParams.get('$filter');
    const entries = this.#entries(set, filter);
    if (!entries) return refusal(404, '-1', `Unrecognized resource path: ${set}`);
    const test = filterOf(filter);
    const order = orderOf(url.searchParams.get('$orderby'));
    const skip = Number(url.searchParams.get('$skip') ?? 0);
    const size = Number(/odata\.maxpagesize=(\d+)/.exec(prefer ?? '')?.[1] ?? PAGE);
    const found = entries.filter(({ look }) => test(look)).sort((a, b) => order(a.look, b.look));
    const shown = found.slice(skip, skip + size);
    const next = new URLSearchParams(url.searchParams);
    next.set('$skip', String(skip + size));
    return jsonResponse(200, {
      '@odata.context': `$metadata#${set}`,
      value: shown.map(({ whole }) => selected(whole(), url.searchParams.get('$select'))),
      ...(found.length > skip + size && { '@odata.nextLink': `${set}?${next}` }),
    });
  }

  #byKey(set: string, key: string): Fields | undefined {
    if (set === 'Items') {
      const item = this.company.book.shelves.item(key);
      return item && itemOf(item);
    }
    if (!SETS.includes(set as DocSet)) return undefined;
    const document = this.company.of(set as DocSet).get(Number(key));
    return document && documentOf(document);
  }

  #entries(set: string, filter: string | null): Entry[] | undefined {
    const { company } = this;
    if (set === 'Items')
      return company.book.shelves.items.map((item) => ({
        look: { ItemCode: item.sku, InventoryItem: yesNo(isCounted(item)), SalesItem: 'tYES' },
        whole: () => itemOf(item),
      }));
    if (set === 'Warehouses')
      return company.warehouses.map(({ code, name, active, bins }) => ({
        look: { WarehouseCode: code },
        whole: () => ({
          WarehouseCode: code,
          WarehouseName: name,
          Inactive: yesNo(!active),
          DropShip: 'tNO',
          EnableBinLocations: yesNo(bins),
        }),
      }));
    if (STOCK_SETS.includes(set) || BY_HAND.includes(set))
      return company.stockDocuments
        .filter((one) => one.set === set)
        .map((one) => ({ look: stockDocumentOf(one), whole: () => stockDocumentOf(one) }));
    if (!SETS.includes(set as DocSet)) return undefined;
    return this.#since(set as DocSet, filter).map((document) => ({
      look: headOf(document),
      whole: () => documentOf(document),
    }));
  }

  /** What changed on the day that is asked for or later: the filter itself looks at the rest. */
  #since(set: DocSet, filter: string | null): BusinessDocument[] {
    const all = [...this.company.of(set).values()];
    const [, day, clock] =
      /UpdateDate eq '(\d{4}-\d\d-\d\d)' and \(?UpdateTime g[te] '(\d\d:\d\d:\d\d)'/.exec(filter ?? '') ?? [];
    if (!day || Number.isNaN(asUtc(`${day} ${clock}`))) return all;
    const sinceMs = utcMs(`${day} ${clock}`, TIME_ZONE) - 3_600_000;
    return all.filter(({ changedMs }) => changedMs >= sinceMs);
  }
}

const yesNo = (value: boolean | undefined): string => (value ? 'tYES' : 'tNO');
const isCounted = (item: StockItem): boolean => item.tracked && !itemNotes(item).kit;

function itemOf(item: StockItem): Fields {
  const { managedBy, frozen, kit } = itemNotes(item);
  return {
    ItemCode: item.sku,
    ItemName: item.title,
    BarCode: null,
    InventoryItem: yesNo(isCounted(item)),
    SalesItem: 'tYES',
    Valid: 'tYES',
    Frozen: yesNo(frozen),
    ManageSerialNumbers: yesNo(managedBy === 'serial'),
    ManageBatchNumbers: yesNo(managedBy === 'batch'),
    TreeType: kit ? 'iSalesTree' : 'iNotATree',
    ItemWarehouseInfoCollection: stockRows(item.levels),
  };
}
