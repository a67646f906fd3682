import type { FeedPage, Signal } from '../../../platform/contract.ts';
import { type DynamicsClient, idOf, odata, record } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { type ChangedList, pollLists } from '../walk.ts';
import { baseUrl, companyUrl } from './address.ts';
import { docOfInvoice, docOfMemo, docOfOrder, invoiceShape, memoShape, orderOf, orderShape } from './documents.ts';

/** Business Central's own maximum. */
const IDS = 20_000;

/**
 * Orders, invoices and credit memos by change time, then which orders are open: one deleted by hand leaves nothing else
 * behind, and one posted in full is told by its invoice.
 */
export function pollOrders(
  client: DynamicsClient,
  config: DynamicsConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const { account } = config;
  const table = (name: string, expand: string, kind: string, read: (row: unknown) => Signal): ChangedList => ({
    url: (at) =>
      odata(`${companyUrl(config)}/${name}`, {
        filter: `lastModifiedDateTime ge ${at}`,
        orderby: 'lastModifiedDateTime',
        expand,
      }),
    changed: 'lastModifiedDateTime',
    signals: (row) => orAsked(row, account, kind, read),
  });
  return pollLists(
    client,
    {
      base: baseUrl(config),
      pageSize: 100,
      lists: [
        table('salesOrders', 'salesOrderLines', 'order', (row) => ({
          kind: 'document',
          doc: docOfOrder(orderShape.parse(row), account),
        })),
        table('salesInvoices', 'salesInvoiceLines', 'invoice', (row) => ofInvoice(row, account)),
        table('salesCreditMemos', 'salesCreditMemoLines', 'credit', (row) => ({
          kind: 'document',
          doc: docOfMemo(memoShape.parse(row), account),
        })),
      ],
      present: {
        url: odata(`${companyUrl(config)}/salesOrders`, { select: 'id', orderby: 'number' }),
        pageSize: IDS,
        id: (row) => packed(record(row)?.['id']),
        gone: (id) => ({ kind: 'document-changed', account, doc: `order:${unpacked(id)}` }),
      },
    },
    cursor,
    since,
  );
}

/** One posted from an order is a part of that order's state. */
function ofInvoice(row: unknown, account: string): Signal {
  const invoice = invoiceShape.parse(row);
  const order = orderOf(invoice);
  // What was fetched since is left alone: each round tells the last minute again.
  const rev = invoice.lastModifiedDateTime;
  if (order) return { kind: 'document-changed', account, doc: `order:${order}`, rev };
  return { kind: 'document', doc: docOfInvoice(invoice, account) };
}

/** A document that cannot be made sense of is asked for by itself: then it is shown, and the others go on. */
function orAsked(row: unknown, account: string, kind: string, read: (row: unknown) => Signal): Signal[] {
  try {
    return [read(row)];
  } catch {
    const id = idOf(String(record(row)?.['id'] ?? ''));
    return id ? [{ kind: 'document-changed', account, doc: `${kind}:${id}` }] : [];
  }
}

/** 22 characters instead of 36, because a cursor may hold thousands. */
function packed(id: unknown): string | undefined {
  const known = idOf(typeof id === 'string' ? id : null);
  return known && Buffer.from(known.replaceAll('-', ''), 'hex').toString('base64url');
}

const unpacked = (id: string): string =>
  Buffer.from(id, 'base64url')
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
