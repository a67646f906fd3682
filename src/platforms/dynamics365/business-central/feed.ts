import { z } from 'zod';
import type { FeedPage, Signal } from '../../../platform/contract.ts';
import { ask, type DynamicsClient, following, idOf, iso, odata, pageSize, record } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { baseUrl, companyUrl } from './address.ts';
import { docOfInvoice, docOfMemo, docOfOrder, invoiceShape, memoShape, orderOf, orderShape } from './documents.ts';

/** A transaction stamps its rows before others can see them: what changed just before the last round is told again. */
const RETOLD_MS = 60_000;
const PAGE = 100;
/** Business Central's own maximum. */
const IDS = 20_000;

/** The lists of one round, in this order; `open` last, so that an order posted meanwhile was told by its invoice. */
const LISTS = ['salesOrders', 'salesInvoices', 'salesCreditMemos', 'open'] as const;

/**
 * `startedMs`: their clock when the round began; all stamped before is told when it ends. `at`: changed at or after it is
 * asked for. `next`: their link, used only while one moment holds more than a page. `open` and `seen`: orders that were
 * open when the last round ended, and that are now, because an order deleted by hand leaves nothing else behind.
 */
const cursorShape = z.object({
  from: z.string(),
  open: z.array(z.string()),
  round: z
    .object({
      startedMs: z.number(),
      list: z.enum(LISTS),
      at: z.string(),
      next: z.string().nullable(),
      seen: z.array(z.string()),
    })
    .nullable(),
});
type Cursor = z.infer<typeof cursorShape>;
type Round = NonNullable<Cursor['round']>;

const rows = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().nullish() });

/**
 * Orders, invoices and credit memos by change time, and which orders are open. One call goes through all lists, unless one of
 * them has more than a page.
 */
export async function pollOrders(
  client: DynamicsClient,
  config: DynamicsConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const now: Cursor = cursor === null ? { from: since, open: [], round: null } : cursorShape.parse(JSON.parse(cursor));
  const signals: Signal[] = [];
  for (let round = now.round; ; ) {
    const list = round?.list ?? LISTS[0];
    const url = round?.next ?? urlOf(config, list, round?.at ?? now.from);
    const headers = pageSize(list === 'open' ? IDS : PAGE);
    const { data, startedMs } = await ask(client, 'orderFeed', { method: 'GET', url, headers }, rows);
    round ??= { startedMs, list, at: now.from, next: null, seen: [] };
    const next = following(data['@odata.nextLink'], baseUrl(config));
    if (list === 'open') {
      round = { ...round, next, seen: [...round.seen, ...data.value.flatMap((row) => packed(record(row)?.['id']))] };
      if (next === null) return ended(config, now, round, signals);
    } else {
      signals.push(...data.value.flatMap((row) => signalOf(row, list, config.account)));
      round = step(now, round, data.value, next);
    }
    if (next !== null) return { signals, cursor: JSON.stringify({ ...now, round }), completeTo: null, more: true };
  }
}

function urlOf(config: DynamicsConfig, list: Round['list'], at: string): string {
  if (list === 'open') return odata(`${companyUrl(config)}/salesOrders`, { select: 'id', orderby: 'number' });
  return odata(`${companyUrl(config)}/${list}`, {
    filter: `lastModifiedDateTime ge ${at}`,
    orderby: 'lastModifiedDateTime',
    expand: {
      salesOrders: 'salesOrderLines',
      salesInvoices: 'salesInvoiceLines',
      salesCreditMemos: 'salesCreditMemoLines',
    }[list],
  });
}

/** Later in time, deeper into one moment, to the next list. */
function step(now: Cursor, round: Round, found: unknown[], next: string | null): Round {
  if (next === null) {
    const following = LISTS[LISTS.indexOf(round.list) + 1]!;
    return { ...round, list: following, at: now.from, next: null };
  }
  const last = record(found.at(-1))?.['lastModifiedDateTime'];
  const later = typeof last === 'string' && Date.parse(last) > Date.parse(round.at);
  return later ? { ...round, at: last, next: null } : { ...round, next };
}

/** An order that is no longer open was posted, or deleted by hand: asking tells which. */
function ended(config: DynamicsConfig, now: Cursor, round: Round, signals: Signal[]): FeedPage {
  const still = new Set(round.seen);
  const closed = now.open
    .filter((id) => !still.has(id))
    .map((id): Signal => ({ kind: 'document-changed', account: config.account, doc: `order:${unpacked(id)}` }));
  const cursor: Cursor = { from: iso(round.startedMs - RETOLD_MS), open: round.seen, round: null };
  return {
    signals: [...signals, ...closed],
    cursor: JSON.stringify(cursor),
    completeTo: iso(round.startedMs),
    more: false,
  };
}

/** 22 characters instead of 36, because a cursor may hold thousands. */
const packed = (id: unknown): string[] => {
  const known = idOf(typeof id === 'string' ? id : null);
  return known ? [Buffer.from(known.replaceAll('-', ''), 'hex').toString('base64url')] : [];
};
const unpacked = (id: string): string =>
  Buffer.from(id, 'base64url')
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** A document that cannot be made sense of is asked for by itself: then it is shown, and the others go on. */
function signalOf(row: unknown, list: 'salesOrders' | 'salesInvoices' | 'salesCreditMemos', account: string): Signal[] {
  const id = idOf(String(record(row)?.['id'] ?? ''));
  if (!id) return [];
  const kind = { salesOrders: 'order', salesInvoices: 'invoice', salesCreditMemos: 'credit' }[list];
  const changed = (doc: string): Signal => ({ kind: 'document-changed', account, doc });
  try {
    if (list === 'salesOrders') return [{ kind: 'document', doc: docOfOrder(orderShape.parse(row), account) }];
    if (list === 'salesCreditMemos') return [{ kind: 'document', doc: docOfMemo(memoShape.parse(row), account) }];
    const invoice = invoiceShape.parse(row);
    const order = orderOf(invoice);
    return [order ? changed(`order:${order}`) : { kind: 'document', doc: docOfInvoice(invoice, account) }];
  } catch {
    return [changed(`${kind}:${id}`)];
  }
}
