import { z } from 'zod';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { type Routed, Router, type StockBook } from '../../../platform/index.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { PAGE, printLevel, printOrder } from './print.ts';

const cells = z.object({
  data: z.object({ cells: z.array(z.object({ sku: z.string(), location: z.string() })).max(100) }),
});
const sets = z.object({
  type: z.literal('levels.set'),
  data: z.object({
    levels: z
      .array(
        z.object({
          sku: z.string(),
          location: z.string(),
          available: z.number(),
          expected: z.number(),
          key: z.string().min(1),
        }),
      )
      .max(100),
  }),
});

/** What the small shop answers. Signatures and limits are looked at before. */
export class Answers {
  readonly #router: Router;

  constructor(
    private readonly book: StockBook,
    private readonly options: SandboxOptions,
  ) {
    const notFound = () => jsonResponse(404, { error: 'there is no such address' });
    this.#router = new Router({ notFound, wrongMethod: () => jsonResponse(405, { error: 'wrong method' }) })
      .on('GET', '/onhand/locations', () => jsonResponse(200, { locations: options.locations }))
      .on('GET', '/onhand/listings', (routed) => this.#listings(routed))
      .on('GET', '/onhand/levels', (routed) => this.#levels(routed))
      .on('POST', '/onhand/levels/read', (routed) => this.#read(routed))
      .on('POST', '/onhand/levels', (routed) => this.#set(routed))
      .on('GET', '/onhand/orders', (routed) => this.#orders(routed))
      .on('GET', '/onhand/orders/{id}', ({ params }) => {
        const order = book.order(params['id']!);
        return order ? jsonResponse(200, { order: printOrder(order) }) : notFound();
      });
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#router.handle(request);
    } catch (error) {
      return jsonResponse(400, { error: (error as Error).message });
    }
  }

  /** Goods in the order they were entered: new ones come at the end, whatever else changes. */
  #page({ query }: Routed) {
    const from = Number(query.get('cursor') ?? 0);
    const items = this.book.shelves.items.slice(from, from + PAGE);
    return { items, next: items.length === PAGE ? String(from + PAGE) : null };
  }

  #listings(routed: Routed): HttpResponse {
    const { items, next } = this.#page(routed);
    return jsonResponse(200, { listings: items.map(({ sku, title, tracked }) => ({ sku, title, tracked })), next });
  }

  #levels(routed: Routed): HttpResponse {
    const { items, next } = this.#page(routed);
    return jsonResponse(200, { levels: items.flatMap((item) => item.levels.map(printLevel)), next });
  }

  #read(routed: Routed): HttpResponse {
    const asked = cells.parse(routed.json()).data.cells;
    const found = asked.map(({ sku, location }) => this.#level(sku, location));
    return jsonResponse(200, { levels: found.flatMap((level) => (level ? [printLevel(level)] : [])) });
  }

  #set(routed: Routed): HttpResponse {
    const rows = sets.parse(routed.json()).data.levels;
    return jsonResponse(200, { results: rows.map((row) => this.#write(row)) });
  }

  #write(row: z.infer<typeof sets>['data']['levels'][number]): Record<string, unknown> {
    const { sku, location, available, expected, key } = row;
    const level = this.#level(sku, location);
    if (!level) return { ok: false, error: `there is no ${sku} at ${location}` };
    if (!level.item.tracked) return { ok: false, error: `${sku} is not counted` };
    if (!Number.isInteger(available) || available < 0 || available > 1_000_000_000)
      return { ok: false, error: `${available} is no number of units` };
    const made = this.book.write(level, { available }, 'write', { expect: expected, reference: key });
    return made.ok ? { ok: true, available: made.after } : { ok: false, stale: true, available: made.now };
  }

  /** Oldest change first; an order that changes meanwhile moves to the end and is told again. */
  #orders({ query }: Routed): HttpResponse {
    const after = query.get('cursor');
    const range = after === null ? { sinceMs: Date.parse(query.get('since') ?? '') || 0 } : { afterMs: Number(after) };
    const { items } = this.book.changedOrders.page({ ...range, limit: PAGE });
    const last = items.at(-1);
    return jsonResponse(200, {
      orders: items.map(printOrder),
      next: items.length === PAGE ? String(last!.changedAtMs) : null,
      completeTo: new Date(this.options.clock.now()).toISOString(),
    });
  }

  #level(sku: string, location: string) {
    const item = this.book.shelves.item(sku);
    return item && this.book.shelves.level(item, location);
  }
}
