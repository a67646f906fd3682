import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { RateLimiter, type Routed, Router } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../answer.ts';
import type { Access } from './access.ts';
import { createAdjustment } from './adjustments.ts';
import { refusal, THROTTLED } from './answers.ts';
import type { Company, Transaction } from './company.ts';
import { runSql, SqlError, type SqlRow, type Tables } from './sql.ts';
import { tablesOf } from './tables.ts';

/** A query or a save is never instant there; without it nothing would ever be under way at once. */
const CALL_MS = 120;
/** The smallest accounts. */
const CONCURRENCY = 5;
const PAGE_MAX = 1000;
const ROWS_MAX = 100_000;

/** SuiteTalk REST, SuiteQL and one RESTlet: access, concurrency, then the call. */
export class Endpoint {
  readonly limiter: RateLimiter;
  readonly #router: Router;
  readonly #tables: Tables;
  /** The role may not see this table. */
  hiddenTable: string | undefined;

  constructor(
    private readonly company: Company,
    private readonly access: Access,
    private readonly onSaved: (made: Transaction) => void,
  ) {
    const { clock, factor, unlimited } = company.options;
    this.limiter = new RateLimiter({
      clock,
      factor,
      unlimited,
      limits: { underWay: { kind: 'in-flight', max: CONCURRENCY } },
    });
    this.#tables = tablesOf(company);
    this.#router = new Router({
      notFound: () => refusal(404, 'NONEXISTENT_ID', 'The resource does not exist.'),
      wrongMethod: () => refusal(405, 'INVALID_METHOD', 'Method not allowed.'),
    })
      .on('POST', '/services/rest/query/v1/suiteql', (routed) => this.#query(routed))
      .on('POST', '/services/rest/record/v1/inventoryAdjustment', (routed) => this.#adjust(routed))
      .on('POST', '/app/site/hosting/restlet.nl', (routed) => this.#restlet(routed));
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const { pathname } = new URL(request.url);
    const { clock, factor } = this.company.options;
    if (pathname === '/services/rest/auth/oauth2/v1/token' && request.method === 'POST')
      return this.access.issue(request);
    const leave = this.limiter.enter('underWay');
    if (!leave)
      return pathname.startsWith('/app/')
        ? jsonResponse(400, { error: { code: 'SSS_REQUEST_LIMIT_EXCEEDED', message: 'Request limit exceeded.' } })
        : THROTTLED;
    try {
      const refused = this.access.check(request);
      if (refused) return refused;
      const answer = await this.#router.handle(request);
      await clock.sleep(CALL_MS / factor);
      return answer;
    } finally {
      leave();
    }
  }

  #query({ headers, query, url, json }: Routed): HttpResponse {
    if (headers['prefer'] !== 'transient')
      return refusal(
        400,
        'INVALID_HEADER',
        'The required request header Prefer is missing or invalid. It must contain transient.',
      );
    const limit = Number(query.get('limit') ?? PAGE_MAX);
    const offset = Number(query.get('offset') ?? 0);
    if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX || !Number.isInteger(offset) || offset % limit !== 0)
      return refusal(400, 'INVALID_PARAMETER', 'Invalid limit or offset.');
    const q = bodyOf(json)?.['q'];
    if (typeof q !== 'string') return refusal(400, 'INVALID_CONTENT', 'The request body must have a query in q.', 'q');
    let rows: SqlRow[];
    try {
      if (this.hiddenTable && q.toLowerCase().includes(this.hiddenTable))
        throw new SqlError(`Record '${this.hiddenTable}' was not found`);
      rows = runSql(q, this.#tables).slice(0, ROWS_MAX);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      return refusal(
        400,
        'INVALID_PARAMETER',
        `Invalid search query. Detailed unprocessed description follows. Search error occurred: ${error.message}.`,
      );
    }
    const page = rows.slice(offset, offset + limit);
    return jsonResponse(200, {
      links: [{ rel: 'self', href: url.href }],
      count: page.length,
      hasMore: rows.length > offset + limit,
      items: page.map((row) => ({ links: [], ...printed(row) })),
      offset,
      totalResults: rows.length,
    });
  }

  #adjust({ headers, url, json }: Routed): HttpResponse {
    const strict = headers['x-netsuite-propertynamevalidation'] === 'Error';
    return createAdjustment(bodyOf(json), this.company, { base: url.origin, strict, onSaved: this.onSaved });
  }

  /** As `extension/onhand-levels.js` answers. */
  #restlet({ query, json }: Routed): HttpResponse {
    if (query.get('script') !== 'customscript_onhand_levels')
      return jsonResponse(400, { error: { code: 'SSS_INVALID_SCRIPTLET_ID', message: 'That Suitelet is invalid.' } });
    const asked = bodyOf(json) ?? {};
    const table = this.#tables['aggregateitemlocation']!({ equal: new Map(), from: new Map(), either: undefined });
    const rows = [...table].map(({ quantitycommitted: _, ...row }) => row);
    if (asked['ask'] === 'cells') {
      const [items, locations] = [asked['items'] as string[], asked['locations'] as string[]];
      const found = rows.filter((row) => items.includes(String(row.item)) && locations.includes(String(row.location)));
      return jsonResponse(200, { rows: found.map(printed), more: false });
    }
    const item = Number(record(asked['after'])?.['item']);
    const limit = Number(asked['limit']);
    const later = rows.filter((row) => Number(row['item']) > item);
    const page = later.slice(0, limit);
    if (later.length <= limit) return jsonResponse(200, { rows: page.map(printed), more: false });
    const whole = page.filter((row) => row['item'] !== page.at(-1)?.['item']);
    return jsonResponse(200, { rows: whole.map(printed), more: true });
  }
}

function bodyOf(json: () => unknown): Record<string, unknown> | undefined {
  try {
    return record(json());
  } catch {
    return undefined;
  }
}

/** Everything as text; a null column is absent. */
function printed(row: SqlRow): Record<string, unknown> {
  const present = Object.entries(row).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(present.map(([name, value]) => [name, String(value)])) };
}
