import { z } from 'zod';
import type { Doc } from '../../../domain/document.ts';
import type { FeedPage, Signal } from '../../../platform/contract.ts';
import { Failure } from '../../../platform/failure.ts';
import { ask, type Cin7Client, query, record, utcOf } from '../api.ts';
import type { Cin7Config } from '../config.ts';
import { placeFinder } from './places.ts';
import { saleShape } from './sale.ts';
import { docOf } from './sale-doc.ts';

const LIMIT = 100;
/** What changed just before the last walk began is told again: a stamp may be older than its saving. */
const RETOLD_MS = 60_000;

/** One sale. `gone` when Cin7 does not know it. */
export async function fetchSale(client: Cin7Client, config: Cin7Config, id: string): Promise<Doc | 'gone'> {
  let answer: unknown;
  try {
    answer = (await ask(client, config, 'sale', { path: `/sale${query({ ID: id })}` }, z.unknown())).data;
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
  try {
    return await docOf(saleShape.parse(answer), config, await placeFinder(client, config));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('rejected', 'unreadable-sale', `Sale ${id} cannot be read: ${String(error).slice(0, 200)}`, {
      cause: error,
    });
  }
}

/**
 * `pages`: how many there are; `page`: the one to read; `down`: on the way back. `startedMs`: when the walk began.
 * `newestMs`: the newest stamp told, for where their clock is not told.
 */
const cursorShape = z.object({
  from: z.string(),
  upTo: z.string().nullable(),
  walk: z.object({ startedMs: z.number(), page: z.number(), pages: z.number(), down: z.boolean() }).nullable(),
});

const answer = z.object({ SaleList: z.array(z.unknown()).nullish(), Total: z.number().nullish() });

/**
 * Sales (or credit notes) changed since, thin. In which order Cin7 lists them is not documented, and the pages shift while
 * sales change: several pages are walked up and down again, so that what moves either way is met.
 */
export async function pollSales(
  client: Cin7Client,
  config: Cin7Config,
  list: 'saleList' | 'saleCreditNoteList',
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const { from, upTo, walk } =
    cursor === null ? { from: since, upTo: null, walk: null } : cursorShape.parse(JSON.parse(cursor));
  const page = walk?.page ?? 1;
  const path = `/${list}${query({ Page: page, Limit: LIMIT, UpdatedSince: new Date(from).toISOString().slice(0, 23) })}`;
  const op = list === 'saleList' ? 'sales' : 'credits';
  const { data, startedMs } = await ask(client, config, op, { path }, answer);
  const rows = data.SaleList ?? [];
  const signals = rows.flatMap((row) => signalOf(row, config, list));
  const now = walk ?? { startedMs, page: 1, pages: 1, down: false };
  // A full page may have another behind it, whatever the total says.
  const pages = Math.max(now.pages, Math.ceil((data.Total ?? 0) / LIMIT), rows.length >= LIMIT ? page + 1 : 1);
  const next = now.down ? page - 1 : page < pages ? page + 1 : page - 1;
  if (next >= 1) {
    const going = { startedMs: now.startedMs, page: next, pages, down: now.down || next < page };
    return { signals, cursor: JSON.stringify({ from, upTo, walk: going }), completeTo: upTo, more: true };
  }
  const done = new Date(Math.max(now.startedMs, Date.parse(upTo ?? '') || 0)).toISOString();
  const start = new Date(Math.max(Date.parse(from), now.startedMs - RETOLD_MS)).toISOString();
  return { signals, cursor: JSON.stringify({ from: start, upTo: done, walk: null }), completeTo: done, more: false };
}

function signalOf(row: unknown, { account }: Cin7Config, list: string): Signal[] {
  const id = record(row)?.['SaleID'];
  if (typeof id !== 'string' || id === '') return [];
  const updated = record(row)?.['Updated'];
  // A credit note's own stamp says nothing of the sale's.
  const rev = list === 'saleList' && typeof updated === 'string' ? utcOf(updated) : null;
  return [{ kind: 'document-changed', account, doc: `sale:${id}`, ...(rev && { rev }) }];
}
