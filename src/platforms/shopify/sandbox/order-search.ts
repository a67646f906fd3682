import type { StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { connectionNode, pageOf } from './connection.ts';
import { soldAtMs, sourceName } from './order-state.ts';
import { type Call, GraphqlProblem, type Node } from './run.ts';
import type { Shop } from './shop.ts';

interface Term {
  field: string;
  operator: '>=' | '>' | '<=' | '<' | '=';
  value: string;
}

const TERM = /^([a-z_]+):(>=|>|<=|<)?(?:'([^']*)'|"([^"]*)"|(\S+))$/;

/** `updated_at:>='2026-11-01T00:00:00Z' AND source_name:pos`: the part of Shopify's search language that order feeds use. */
function readSearch(text: unknown): Term[] {
  if (typeof text !== 'string' || text.trim() === '') return [];
  return text
    .trim()
    .split(/\s+(?:AND\s+)?(?=[a-z_]+:)/)
    .map((piece) => {
      const match = TERM.exec(piece.trim());
      if (!match) throw new GraphqlProblem(`Invalid search query: ${piece}`, 'BAD_USER_INPUT');
      const [, field, operator, single, double, bare] = match;
      return { field: field!, operator: (operator ?? '=') as Term['operator'], value: single ?? double ?? bare ?? '' };
    });
}

const TIMES: Record<string, (order: StockOrder) => number> = {
  updated_at: ({ changedAtMs }) => changedAtMs,
  created_at: ({ placedAtMs }) => placedAtMs,
  processed_at: soldAtMs,
};

const WORDS: Record<string, (order: StockOrder) => string> = {
  id: ({ id }) => id,
  name: ({ seq }) => `#${1000 + seq}`,
  source_name: sourceName,
  location_id: ({ location }) => location ?? '',
};

function fits(order: StockOrder, { field, operator, value }: Term): boolean {
  const word = WORDS[field];
  if (word) return word(order) === value;
  const time = TIMES[field];
  // Shopify passes over filters it does not know, and says so in a warning that nobody reads.
  if (!time) return true;
  // What is printed has whole seconds, so that is what is compared.
  const at = Math.floor(time(order) / 1000) * 1000;
  const bound = Date.parse(value);
  if (Number.isNaN(bound)) throw new GraphqlProblem(`Invalid time in search: ${value}`, 'BAD_USER_INPUT');
  switch (operator) {
    case '>=':
      return at >= bound;
    case '>':
      return at > bound;
    case '<=':
      return at <= bound;
    case '<':
      return at < bound;
    default:
      return at === bound;
  }
}

/** `orders(first, after, sortKey, reverse, query)`. By `UPDATED_AT` an order that changes meanwhile moves to the end. */
export function searchOrders(shop: Shop, { args }: Call, view: (order: StockOrder) => Node): Node {
  const { first, after } = pageOf(args);
  if (args['reverse'] === true)
    throw new GraphqlProblem('This stand-in lists orders oldest first only', 'BAD_USER_INPUT');
  const terms = readSearch(args['query']);
  const wanted = (order: StockOrder) => !shop.deleted.has(order.id) && terms.every((term) => fits(order, term));
  const found: { cursor: string; order: StockOrder }[] = [];
  if (args['sortKey'] === 'UPDATED_AT') {
    const since = terms.find(({ field, operator }) => field === 'updated_at' && operator.startsWith('>'));
    let afterMs = after === null ? undefined : Number(after);
    while (found.length <= first) {
      const sinceMs = since ? Date.parse(since.value) : undefined;
      const { items } = shop.book.changedOrders.page({ sinceMs, afterMs, limit: first + 1 });
      for (const order of items) if (wanted(order)) found.push({ cursor: String(order.changedAtMs), order });
      if (items.length <= first) break;
      afterMs = items.at(-1)!.changedAtMs;
    }
  } else {
    const { orders } = shop.book;
    for (let at = after === null ? 0 : Number(after) + 1; at < orders.length && found.length <= first; at += 1)
      if (wanted(orders[at]!)) found.push({ cursor: String(at), order: orders[at]! });
  }
  const entries = found.slice(0, first).map(({ cursor, order }) => ({ cursor, node: view(order) }));
  return connectionNode('Order', entries, found.length > first, after !== null);
}
