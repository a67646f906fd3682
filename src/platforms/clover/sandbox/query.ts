/** Clover's `limit` (100, at most 1,000) and `offset`; undefined when they are none. */
export function pageOf(query: URLSearchParams): { limit: number; offset: number } | undefined {
  const limit = Number(query.get('limit') ?? 100);
  const offset = Number(query.get('offset') ?? 0);
  const good = Number.isInteger(limit) && Number.isInteger(offset) && limit >= 1 && limit <= 1_000 && offset >= 0;
  return good ? { limit, offset } : undefined;
}

/** Several `filter` parameters narrow a list together. Only bounds of one time are spoken here; others are refused. */
export function filterOf(query: URLSearchParams, field: string): { sinceMs?: number; untilMs?: number } | undefined {
  const range: { sinceMs?: number; untilMs?: number } = {};
  for (const filter of query.getAll('filter')) {
    const [, name, sign, ms] = /^(\w+)(>=|<=)(\d{1,15})$/.exec(filter) ?? [];
    if (name !== field) return undefined;
    range[sign === '>=' ? 'sinceMs' : 'untilMs'] = Number(ms);
  }
  return range;
}
