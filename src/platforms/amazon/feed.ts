import type { Client, FeedPage, Signal } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { apiRequest } from './address.ts';
import type { AmazonConfig } from './config.ts';
import type { AmazonOp } from './facts.ts';
import { ORDER_DATA, ORDERS_PATH, orderDocument } from './orders.ts';
import { id, list, moment, record, text } from './shape.ts';

/** The most that is asked again with every window: an order may enter the index after its own time stamp. */
const OVERLAP_MS_MAX = 120_000;
/** Amazon answers up to two minutes ago; a window that begins later than that is refused. */
const YOUNGEST_MS = 180_000;

/** Where the feed stands: a window, and how far into it. All parameters of a window stay the same over its pages. */
interface Cursor {
  after: string;
  token?: string;
  /** Windows begun anew because their page token was refused. */
  restarts?: number;
}

/**
 * Orders by their last change, in windows `lastUpdatedAfter … lastUpdatedBefore` that Amazon closes (about two minutes ago).
 * An order that changes while its window is paged moves to the next one; windows overlap, so nothing falls between two.
 */
export async function poll(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  feed: string,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  if (feed !== 'orders') throw new Error(`There is no feed called ${feed}.`);
  const at = cursor === null ? { after: firstStart(since, client.now()) } : readCursor(cursor);
  const request = apiRequest(config, 'GET', ORDERS_PATH, {
    lastUpdatedAfter: at.after,
    marketplaceIds: config.marketplaceIds,
    fulfilledBy: config.fbaLocation ? undefined : ['MERCHANT'],
    includedData: ORDER_DATA,
    maxResultsPerPage: '100',
    paginationToken: at.token,
  });
  let body: Record<string, unknown>;
  try {
    body = record(readJson(bodyText(await client.call('searchOrders', request))));
  } catch (error) {
    if (!at.token || !(error instanceof Failure) || error.failure !== 'rejected' || at.restarts) throw error;
    // The token ran out (24 hours, after a long stop): the window is asked for from its start.
    return { signals: [], cursor: writeCursor({ after: at.after, restarts: 1 }), completeTo: null, more: true };
  }
  const orders = list(body['orders']);
  const signals = orders.flatMap((order) => signalOf(order, config));
  const token = text(record(body['pagination'])['nextToken']);
  if (token)
    return { signals, cursor: writeCursor({ ...at, token, restarts: at.restarts }), completeTo: null, more: true };
  const closedAt = moment(body['lastUpdatedBefore']) ?? newest(orders);
  return {
    signals,
    cursor: writeCursor({ after: closedAt ? nextStart(closedAt, client.now()) : at.after }),
    completeTo: moment(body['lastUpdatedBefore']) ?? null,
    more: false,
  };
}

/**
 * One bad order must not hide the others: it is named for fetching, where its fault is shown. With several places every
 * order is fetched, because this list does not say which place it is taken from.
 */
function signalOf(order: unknown, config: AmazonConfig): Signal[] {
  const orderId = id(record(order)['orderId']);
  if (orderId === undefined) return [];
  const changed: Signal = { kind: 'document-changed', account: config.account, doc: `order:${orderId}` };
  const byMerchant = record(record(order)['fulfillment'])['fulfilledBy'] !== 'AMAZON';
  if (config.multiLocation && byMerchant) return [changed];
  if (!byMerchant && !config.fbaLocation) return [];
  try {
    return [{ kind: 'document', doc: orderDocument(order, config) }];
  } catch {
    return [changed];
  }
}

const firstStart = (since: string, now: number): string =>
  new Date(Math.min(Date.parse(since), now - YOUNGEST_MS)).toISOString();

/** Windows overlap by as much as Amazon itself holds back of the present. */
function nextStart(closedAt: string, now: number): string {
  const closedMs = Date.parse(closedAt);
  return new Date(closedMs - Math.min(OVERLAP_MS_MAX, Math.max(0, now - closedMs))).toISOString();
}

/** Without the closing time that Amazon promises, the window has told up to its newest change. */
function newest(orders: unknown[]): string | undefined {
  const times = orders.flatMap((order) => moment(record(order)['lastUpdatedTime']) ?? []);
  return times.sort((a, b) => Date.parse(b) - Date.parse(a))[0];
}

const writeCursor = (cursor: Cursor): string => JSON.stringify(cursor);

function readCursor(cursor: string): Cursor {
  const fields = record(JSON.parse(cursor));
  const restarts = fields['restarts'];
  return {
    after: text(fields['after'])!,
    token: text(fields['token']),
    ...(typeof restarts === 'number' && { restarts }),
  };
}
