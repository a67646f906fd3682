import { z } from 'zod';
import type { Doc } from '../../../domain/document.ts';
import type { FeedPage, Signal } from '../../../platform/contract.ts';
import { Failure } from '../../../platform/failure.ts';
import { ask, type Cin7Client, query, record, utcOf } from '../api.ts';
import type { Cin7Config } from '../config.ts';
import { ROWS } from './catalogue.ts';
import { creditDoc, orderDoc } from './orders.ts';

/** What changed just before the last walk began is told again. */
const RETOLD_MS = 60_000;
const SECOND_MS = 1_000;

const KINDS = {
  orders: { path: '/SalesOrders', op: 'omniOrders', doc: 'sale', read: orderDoc },
  returns: { path: '/CreditNotes', op: 'omniCredits', doc: 'return', read: creditDoc },
} as const;

/** `from`: where the walk began; `at`, `page`: the change time it has come to, and how deep into that moment. */
const cursorShape = z.object({
  from: z.string(),
  upTo: z.string().nullable(),
  walk: z.object({ startedMs: z.number(), at: z.string(), page: z.number() }).nullable(),
});

/**
 * Orders or credit notes by change time, whole. The next page is asked for by time ("changed since the last one here"), not
 * by counting on, so that nothing is passed over while they change.
 */
export async function pollOmni(
  client: Cin7Client,
  config: Cin7Config,
  feed: 'orders' | 'returns',
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const { from, upTo, walk } =
    cursor === null ? { from: since, upTo: null, walk: null } : cursorShape.parse(JSON.parse(cursor));
  const { at, page } = walk ?? { at: from, page: 1 };
  const { path, op } = KINDS[feed];
  // Later than a second before: stamps may be whole seconds, and "not earlier" is not documented.
  const where = `modifiedDate>'${new Date(Date.parse(at) - SECOND_MS).toISOString()}'`;
  const call = { path: `${path}${query({ where, order: 'modifiedDate', page, rows: ROWS })}` };
  const { data: rows, startedMs } = await ask(client, config, op, call, z.array(z.unknown()));
  const begun = walk?.startedMs ?? startedMs;
  const signals = rows.flatMap((row) => signalOf(row, config, feed));
  if (rows.length < ROWS) {
    const done = new Date(Math.max(begun, Date.parse(upTo ?? '') || 0)).toISOString();
    const start = new Date(Math.max(Date.parse(from), begun - RETOLD_MS)).toISOString();
    return { signals, cursor: JSON.stringify({ from: start, upTo: done, walk: null }), completeTo: done, more: false };
  }
  const last = utcOf(record(rows.at(-1))?.['modifiedDate'] as string | undefined);
  const later = last !== null && Date.parse(last) > Date.parse(at);
  const next = { startedMs: begun, at: later ? last : at, page: later ? 1 : page + 1 };
  return { signals, cursor: JSON.stringify({ from, upTo, walk: next }), completeTo: upTo, more: true };
}

/** One that cannot be made sense of here is asked for by itself: then it is shown, and the others go on. */
function signalOf(row: unknown, { account }: Cin7Config, feed: 'orders' | 'returns'): Signal[] {
  const { read, doc } = KINDS[feed];
  try {
    return [{ kind: 'document', doc: read(row, account) }];
  } catch {
    const id = record(row)?.['id'];
    if (typeof id !== 'number' && typeof id !== 'string') return [];
    return [{ kind: 'document-changed', account, doc: `${doc}:${id}` }];
  }
}

/** `sale:…` or `return:…`. `gone` when Omni does not know it. */
export async function fetchOmni(client: Cin7Client, config: Cin7Config, doc: string): Promise<Doc | 'gone'> {
  const [kind, id = ''] = doc.split(':');
  const { path, read } = KINDS[kind === 'return' ? 'returns' : 'orders'];
  let row: unknown;
  try {
    row = (await ask(client, config, 'omniOrder', { path: `${path}/${encodeURIComponent(id)}` }, z.unknown())).data;
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
  // An empty answer is none.
  if (row === null) return 'gone';
  try {
    return read(row, config.account);
  } catch (error) {
    throw new Failure('rejected', 'unreadable-order', `${doc} cannot be read: ${String(error).slice(0, 200)}`, {
      cause: error,
    });
  }
}
