import { type Call, GraphqlProblem, type Node } from './run.ts';

/** Shopify's page limit. */
const PAGE_MAX = 250;

/** Where a walk stands and how far it goes. @throws GraphqlProblem for what Shopify refuses. */
export function pageOf(args: Record<string, unknown>): { first: number; after: string | null } {
  const { first, last } = args;
  if (last !== undefined) throw new GraphqlProblem('This stand-in pages forward only: use first', 'BAD_USER_INPUT');
  if (first === undefined || first === null)
    throw new GraphqlProblem('you must provide one of first or last', 'BAD_USER_INPUT');
  if (!Number.isInteger(first) || (first as number) < 0)
    throw new GraphqlProblem(`first must be a whole number of 0 or more`, 'BAD_USER_INPUT');
  if ((first as number) > PAGE_MAX)
    throw new GraphqlProblem(`first cannot exceed ${PAGE_MAX}`, 'BAD_USER_INPUT', { first });
  return { first: first as number, after: readCursor(args['after']) };
}

/** A connection over a list that only grows at its end. */
export function connect<Item>(type: string, items: readonly Item[], view: (item: Item) => Node) {
  return ({ args }: Call): Node => {
    const { first, after } = pageOf(args);
    const start = after === null ? 0 : Number(after) + 1;
    const page = items.slice(start, start + first);
    const entries = page.map((item, index) => ({ cursor: String(start + index), node: view(item) }));
    return connectionNode(type, entries, start + first < items.length, start > 0);
  };
}

export function connectionNode(
  type: string,
  entries: { cursor: string; node: Node }[],
  hasNextPage: boolean,
  hasPreviousPage: boolean,
): Node {
  return {
    __typename: `${type}Connection`,
    nodes: entries.map(({ node }) => node),
    edges: entries.map(({ cursor, node }) => ({ __typename: `${type}Edge`, cursor: writeCursor(cursor), node })),
    pageInfo: {
      __typename: 'PageInfo',
      hasNextPage,
      hasPreviousPage,
      startCursor: entries[0] ? writeCursor(entries[0].cursor) : null,
      endCursor: entries.length > 0 ? writeCursor(entries.at(-1)!.cursor) : null,
    },
  };
}

const writeCursor = (text: string): string => Buffer.from(`cursor:${text}`).toString('base64url');

function readCursor(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = typeof value === 'string' ? Buffer.from(value, 'base64url').toString() : '';
  if (!/^cursor:[\d.]+$/.test(text))
    throw new GraphqlProblem('Invalid cursor for current pagination sort.', 'INVALID_CURSOR');
  return text.slice('cursor:'.length);
}
