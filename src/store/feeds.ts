import type { Queryable, Statement } from './database.ts';

export interface FeedRow {
  accountId: number;
  feed: string;
  cursor: string | null;
  since: string;
  completeTo: string | null;
  polledAt: string | null;
  failed: string | null;
}

const columns = `account_id as "accountId", feed, cursor, since, complete_to as "completeTo", polled_at as "polledAt", failed`;
const ensure: Statement = {
  name: 'feeds-ensure',
  text: `insert into feed (account_id, feed, since) select $1::int, n.feed, $3::timestamptz from unnest($2::text[]) as n(feed)
    on conflict (account_id, feed) do nothing`,
};
const list: Statement = {
  name: 'feeds-list',
  text: `select ${columns} from feed where account_id = $1 order by feed`,
};

/** The account's feeds, made where missing, beginning at `since`. */
export async function loadFeeds(db: Queryable, accountId: number, feeds: string[], since: string): Promise<FeedRow[]> {
  await db.query(ensure, [accountId, feeds, since]);
  return db.query<FeedRow>(list, [accountId]);
}

const save: Statement = {
  name: 'feed-save',
  text: `update feed set cursor = $3, complete_to = greatest(complete_to, $4::timestamptz), polled_at = $5::timestamptz, failed = null
    where account_id = $1 and feed = $2`,
};
/** In one transaction with the page's signals. completeTo never goes back. */
export async function saveFeed(
  tx: Queryable,
  accountId: number,
  feed: string,
  page: { cursor: string; completeTo: string | null; at: string },
): Promise<void> {
  await tx.query(save, [accountId, feed, page.cursor, page.completeTo, page.at]);
}

const times: Statement = {
  name: 'feeds-times',
  text: 'select account_id as "accountId", feed, polled_at as "polledAt" from feed',
};
/** When every feed of every account was read last. */
export const loadFeedTimes = (db: Queryable) =>
  db.query<{ accountId: number; feed: string; polledAt: string | null }>(times);

const fail: Statement = {
  name: 'feed-failed',
  text: 'update feed set failed = $3 where account_id = $1 and feed = $2',
};
export async function saveFeedFailed(db: Queryable, accountId: number, feed: string, reason: string): Promise<void> {
  await db.query(fail, [accountId, feed, reason]);
}
