import { jsonResponse } from '../../../platform/http.ts';
import { record } from '../api.ts';
import { problem, type Realm } from './realm.ts';

const LIMIT = 25;
const LIMIT_MAX = 200;

/** SCAPI Products: the search, with one master that gathers nothing of its own. */
export function addCatalogue(realm: Realm): void {
  const { router, book, organization } = realm;
  router.on('POST', `/product/products/v1/organizations/${organization}/product-search`, (routed) => {
    const body = record(routed.json());
    const query = record(body?.['query']);
    const { limit = LIMIT, offset = 0 } = (body ?? {}) as { limit?: number; offset?: number };
    if (!query || Object.keys(query).length !== 1) return problem(400, 'bad-request', 'Exactly one query is needed.');
    if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX || !Number.isInteger(offset) || offset < 0)
      return problem(400, 'bad-request', `limit must be 1 to ${LIMIT_MAX}.`);
    const all = [
      ...book.shelves.items.map(({ sku, title }) => ({
        id: sku,
        name: { default: title },
        type: { master: false, variant: true },
      })),
      { id: 'master-1', name: { default: 'A master' }, type: { master: true } },
    ].sort((a, b) => (a.id < b.id ? -1 : 1));
    const hits = all.slice(offset, offset + limit);
    return jsonResponse(200, { limit, offset, total: all.length, query, hits });
  });
}
