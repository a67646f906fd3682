import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { refusal } from './answers.ts';
import { collapsed } from './nodes.ts';

/** A row with what lists are sorted by: its own number, and its change time in whole seconds. */
export interface Row {
  id: number;
  seconds: number;
  node: () => Record<string, unknown>;
}

type Key = [number, number];

/**
 * One page as V3 gives it: sorted by number or by change time, going on from the last row's own values, with the whole
 * address of the next page.
 * @param sorts the names that may be sorted by: the first by number, the second by change time
 */
export function listed(url: URL, name: string, sorts: [string, string], rows: () => Iterable<Row>): HttpResponse {
  const { searchParams: query } = url;
  const limit = Number(query.get('limit') ?? 100);
  const sort = query.get('sort') ?? sorts[0];
  if (!Number.isInteger(limit) || limit < 0 || limit > 100) return refusal(400, 'limit must be between 0 and 100');
  if (query.has('offset')) return refusal(400, 'offset was removed in V3');
  if (!sorts.includes(sort)) return refusal(400, `${sort} is not sortable. Use ${sorts.join(', ')}`);
  const since = sinceOf(query.get(sorts[1]));
  if (since === undefined) return refusal(400, `Invalid ${sorts[1]}`);
  const after = afterOf(query.get('after'));
  const keyOf = ({ id, seconds }: Row): Key => (sort === sorts[0] ? [id, 0] : [seconds, id]);
  const all = [...rows()]
    .filter((row) => row.seconds >= since)
    .map((row) => ({ row, key: keyOf(row) }))
    .filter(({ key }) => !after || compare(key, after) > 0)
    .sort((a, b) => compare(a.key, b.key));
  const some = all.slice(0, limit);
  const next = new URL(url.href);
  next.host = 'api.lightspeedapp.com';
  next.protocol = 'https:';
  next.port = '';
  next.searchParams.set('sort', sort);
  next.searchParams.set('limit', String(limit));
  next.searchParams.set('after', Buffer.from(JSON.stringify(some.at(-1)?.key ?? [])).toString('base64'));
  return jsonResponse(200, {
    '@attributes': { next: all.length > some.length ? next.href : '', previous: '' },
    ...collapsed(
      name,
      some.map(({ row }) => row.node()),
    ),
  });
}

const compare = (a: Key, b: Key): number => a[0] - b[0] || a[1] - b[1];

/** `>=,2026-02-03T10:00:00+00:00`; every time without one, undefined for anything else. */
function sinceOf(text: string | null): number | undefined {
  if (text === null) return 0;
  const ms = Date.parse(/^>=,(.+)$/.exec(text)?.[1] ?? '');
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}

function afterOf(text: string | null): Key | undefined {
  return text === null ? undefined : (JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as Key);
}

export const relationsOf = (query: URLSearchParams): string[] => {
  const text = query.get('load_relations');
  return text === null ? [] : (JSON.parse(text) as string[]);
};
