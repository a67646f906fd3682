import { Refusal } from './answers.ts';

interface Filter {
  field: string;
  value: string;
  condition: string;
}

export interface Search {
  groups: Filter[][];
  sort: { field: string; direction: string | null }[];
  size: number | null;
  page: number;
}

const GROUP = /^search_?criteria\[filter_?groups\]\[(\d+)\]\[filters\]\[(\d+)\]\[(field|value|condition_?type)\]$/i;
const SORT = /^search_?criteria\[sort_?orders\]\[(\d+)\]\[(field|direction)\]$/i;

/** Names are taken in both of Magento's spellings: `filterGroups` and `filter_groups`. */
export function readSearch(query: URLSearchParams): Search {
  const groups: Filter[][] = [];
  const sort: Search['sort'] = [];
  let size: number | null = null;
  let pageNumber = 1;
  for (const [name, value] of query) {
    const filter = GROUP.exec(name);
    const order = SORT.exec(name);
    if (filter) {
      const [group, at] = [Number(filter[1]), Number(filter[2])];
      groups[group] ??= [];
      groups[group][at] ??= { field: '', value: '', condition: 'eq' };
      const member = filter[3]!.toLowerCase();
      groups[group][at][member.startsWith('condition') ? 'condition' : (member as 'field' | 'value')] = value;
    } else if (order) {
      sort[Number(order[1])] ??= { field: '', direction: null };
      sort[Number(order[1])]![order[2] as 'field' | 'direction'] = value;
    } else if (/\[page_?size\]$/i.test(name)) size = Number(value);
    else if (/\[current_?page\]$/i.test(name)) pageNumber = Number(value);
  }
  return { groups: groups.filter(Boolean), sort: sort.filter(Boolean), size, page: pageNumber };
}

/** The criteria as every list gives them back. */
const echo = ({ groups, sort, size, page }: Search): Record<string, unknown> => ({
  filter_groups: groups.map((filters) => ({
    filters: filters.map(({ field, value, condition }) => ({ field, value, condition_type: condition })),
  })),
  ...(sort.length > 0 && { sort_orders: sort }),
  ...(size !== null && { page_size: size }),
  ...(page > 1 && { current_page: page }),
});

type Value = string | number | boolean | null;

const text = (value: Value): string => String(value ?? '').toLowerCase();
const compare = (a: Value, b: Value): number =>
  typeof a === 'number' || typeof b === 'number'
    ? Number(a) - Number(b)
    : text(a) < text(b)
      ? -1
      : Number(text(a) > text(b));

const CONDITIONS: Record<string, (have: Value, value: string) => boolean> = {
  eq: (have, value) => compare(have, value) === 0,
  neq: (have, value) => compare(have, value) !== 0,
  gt: (have, value) => compare(have, value) > 0,
  gteq: (have, value) => compare(have, value) >= 0,
  lt: (have, value) => compare(have, value) < 0,
  lteq: (have, value) => compare(have, value) <= 0,
  in: (have, value) => value.split(',').some((one) => compare(have, one) === 0),
  nin: (have, value) => !value.split(',').some((one) => compare(have, one) === 0),
};

/**
 * Rows that fit, ordered, and one page of them printed. A page past the end repeats the last one, as Magento does.
 * @param have the members that can be searched and ordered by
 */
export function found<Row>(
  rows: readonly Row[],
  search: Search,
  have: (row: Row) => Record<string, Value>,
  print: (row: Row) => unknown,
): { items: unknown[]; search_criteria: unknown; total_count: number } {
  const fits = ({ field, value, condition }: Filter, members: Record<string, Value>): boolean => {
    const holds = CONDITIONS[condition];
    if (!holds || !(field in members))
      throw new Refusal(400, `Invalid ${holds ? 'field' : 'condition'} in the search.`);
    return holds(members[field]!, value);
  };
  const chosen = rows
    .map((row) => ({ row, members: have(row) }))
    .filter(({ members }) => search.groups.every((group) => group.some((filter) => fits(filter, members))));
  for (const { field, direction } of [...search.sort].reverse())
    chosen.sort(
      (a, b) =>
        compare(a.members[field] ?? null, b.members[field] ?? null) * (direction?.toUpperCase() === 'DESC' ? -1 : 1),
    );
  const size = search.size ?? Math.max(1, chosen.length);
  const last = Math.max(1, Math.ceil(chosen.length / size));
  const start = (Math.min(search.page, last) - 1) * size;
  const items = chosen.slice(start, start + size).map(({ row }) => print(row));
  return { items, search_criteria: echo(search), total_count: chosen.length };
}

/** The moment from which rows are asked for: spares going through years of them. */
export function sinceMs(search: Search): number | undefined {
  const froms = search.groups
    .filter(
      (group) => group.length === 1 && group[0]!.field === 'updated_at' && /^(eq|gt|gteq)$/.test(group[0]!.condition),
    )
    .map(([filter]) => Date.parse(`${filter!.value.replace(' ', 'T')}Z`));
  const good = froms.filter((ms) => !Number.isNaN(ms));
  return good.length > 0 ? Math.max(...good) : undefined;
}
