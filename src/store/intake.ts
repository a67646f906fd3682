import type { Queryable, Statement } from './database.ts';

export interface NewDelivery {
  accountId: number;
  topic: string;
  hint: string | null;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Uint8Array;
  receivedAt: string;
}

export interface StoredDelivery extends NewDelivery {
  id: number;
}

const insert: Statement = {
  name: 'deliveries-insert',
  text: `insert into delivery (account_id, topic, hint, method, path, headers, body, received_at)
    select n.account_id, n.topic, n.hint, n.method, n.path, n.headers::jsonb, n.body, n.received_at
    from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::timestamptz[])
      as n(account_id, topic, hint, method, path, headers, body, received_at)`,
};

/** Durable when this resolves: only then may the sender be answered. */
export async function insertDeliveries(db: Queryable, deliveries: NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  const column = <T>(pick: (delivery: NewDelivery) => T) => deliveries.map(pick);
  await db.query(insert, [
    column((d) => d.accountId),
    column((d) => d.topic),
    column((d) => d.hint),
    column((d) => d.method),
    column((d) => d.path),
    column((d) => JSON.stringify(d.headers)),
    column((d) => Buffer.from(d.body)),
    column((d) => d.receivedAt),
  ]);
}

const claim: Statement = {
  name: 'deliveries-claim',
  text: `select id, account_id as "accountId", topic, hint, method, path, headers, body, received_at as "receivedAt"
    from delivery where status = 'new' and id > $2 order by id limit $1 for update skip locked`,
};

/** The oldest unworked deliveries after `afterId`; nobody else gets them while this transaction lives. */
export function claimDeliveries(tx: Queryable, limit: number, afterId: number): Promise<StoredDelivery[]> {
  return tx.query<StoredDelivery>(claim, [limit, afterId]);
}

const finish: Statement = {
  name: 'deliveries-finish',
  text: `update delivery d set status = n.status, reason = n.reason, done_at = $4::timestamptz
    from unnest($1::bigint[], $2::text[], $3::text[]) as n(id, status, reason) where d.id = n.id`,
};

export async function finishDeliveries(
  tx: Queryable,
  rows: { id: number; status: 'done' | 'ignored' | 'aside'; reason: string | null }[],
  at: string,
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(finish, [rows.map((row) => row.id), rows.map((row) => row.status), rows.map((row) => row.reason), at]);
}

const wish: Statement = {
  name: 'fetches-wish',
  text: `insert into wish (account_id, doc, first_wanted_at, wanted_at, not_before, reason)
    select distinct on (n.account_id, n.doc) n.account_id, n.doc, $4::timestamptz, $4::timestamptz, n.not_before, n.reason
    from unnest($1::int[], $2::text[], $3::text[], $5::bigint[]) as n(account_id, doc, reason, not_before)
    order by n.account_id, n.doc, n.not_before
    on conflict (account_id, doc) do update set wanted_at = excluded.wanted_at,
      not_before = least(wish.not_before, excluded.not_before), tries = 0`,
};

export interface FetchWish {
  accountId: number;
  doc: string;
  reason: string;
  /** Not before this, milliseconds since 1970. */
  notBefore: number;
}

export async function wishFetches(tx: Queryable, wishes: FetchWish[], at: string): Promise<void> {
  if (wishes.length === 0) return;
  await tx.query(wish, [
    wishes.map((w) => w.accountId),
    wishes.map((w) => w.doc),
    wishes.map((w) => w.reason),
    at,
    wishes.map((w) => Math.round(w.notBefore)),
  ]);
}

const revisions: Statement = {
  name: 'documents-revisions',
  text: `select d.account_id as "accountId", d.doc, d.rev, d.fetched_at as "fetchedAt" from document d join unnest($1::int[], $2::text[]) as k(account_id, doc)
      on d.account_id = k.account_id and d.doc = k.doc where d.fetched_at is not null and d.rev is not null`,
};
/** The revision at which documents were last fetched whole. */
export function fetchedRevisions(db: Queryable, keys: { accountId: number; doc: string }[]) {
  return db.query<{ accountId: number; doc: string; rev: string; fetchedAt: number }>(revisions, [
    keys.map((key) => key.accountId),
    keys.map((key) => key.doc),
  ]);
}

const due: Statement = {
  name: 'fetches-due',
  text: `select doc, reason, tries, wanted_at as "wantedAt" from wish
    where account_id = $1 and not_before <= $2::bigint order by not_before, doc limit $3`,
};

export function dueFetches(
  db: Queryable,
  accountId: number,
  now: number,
  limit: number,
): Promise<{ doc: string; reason: string; tries: number; wantedAt: string }[]> {
  return db.query(due, [accountId, Math.round(now), limit]);
}

const done: Statement = {
  name: 'fetch-done',
  text: `with answered as (
      select w.account_id, w.doc, w.wanted_at <= f.started_at as over, w.first_wanted_at <= f.started_at as old
      from wish w join unnest($1::int[], $2::text[], $3::timestamptz[]) as f(account_id, doc, started_at)
        on f.account_id = w.account_id and f.doc = w.doc order by w.account_id, w.doc for update of w),
    fetched as (delete from wish w using answered a where a.over and w.account_id = a.account_id and w.doc = a.doc)
    update wish w set first_wanted_at = w.wanted_at from answered a
    where a.old and not a.over and w.account_id = a.account_id and w.doc = a.doc`,
};

/** A wish made while the fetch was under way stays: the document may have changed after our request started. */
export async function fetchesDone(
  tx: Queryable,
  fetches: { accountId: number; doc: string; startedAt: string }[],
): Promise<void> {
  if (fetches.length === 0) return;
  await tx.query(done, [
    fetches.map((one) => one.accountId),
    fetches.map((one) => one.doc),
    fetches.map((one) => one.startedAt),
  ]);
}

const oldest: Statement = {
  name: 'fetch-oldest',
  text: 'select min(first_wanted_at) as oldest from wish where account_id = $1',
};
/** Since when the oldest change that was told waits to be fetched, milliseconds since 1970; Infinity when none does. */
export async function oldestWish(db: Queryable, accountId: number): Promise<number> {
  const at = (await db.query<{ oldest: string | null }>(oldest, [accountId]))[0]?.oldest;
  return at ? Date.parse(at) : Number.POSITIVE_INFINITY;
}

const later: Statement = {
  name: 'fetch-later',
  text: 'update wish set not_before = $3::bigint, tries = tries + 1 where account_id = $1 and doc = $2',
};

export async function fetchLater(tx: Queryable, accountId: number, doc: string, notBefore: number): Promise<void> {
  await tx.query(later, [accountId, doc, Math.round(notBefore)]);
}

const stale: Statement = {
  name: 'documents-stale',
  text: `select doc from document where account_id = $1 and open and coalesce(fetched_at, applied_at) < $2::bigint
    order by coalesce(fetched_at, applied_at) limit $3`,
};

/** Open documents nobody has asked about since `before`: deletions that send nothing are found this way. */
export async function staleDocuments(db: Queryable, accountId: number, before: number, limit: number) {
  return (await db.query<{ doc: string }>(stale, [accountId, Math.round(before), limit])).map((row) => row.doc);
}
