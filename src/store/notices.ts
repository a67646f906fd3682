import type { Queryable, Statement } from './database.ts';

export interface Notice {
  /** Stable, kebab-case. */
  code: string;
  accountId?: number | null;
  channelId?: number | null;
  itemId?: number | null;
  text: string;
  /** What to do now. */
  next: string;
  data?: unknown;
}

export interface NoticeRow extends Notice {
  id: number;
  at: string;
}

const insert: Statement = {
  name: 'notice-insert',
  text: `insert into notice (code, account_id, channel_id, item_id, text, next, data, at)
    select $1, $2::int, $3::int, $4::int, $5, $6, $7::jsonb, $8::timestamptz
    where not exists (select 1 from notice where code = $1 and account_id is not distinct from $2::int
      and channel_id is not distinct from $3::int and item_id is not distinct from $4::int and done_at is null)`,
};
/** Tells a person, once while the same thing is still open. */
export async function tell(db: Queryable, notice: Notice, at: string): Promise<void> {
  await db.query(insert, [
    notice.code,
    notice.accountId ?? null,
    notice.channelId ?? null,
    notice.itemId ?? null,
    notice.text,
    notice.next,
    notice.data === undefined ? null : JSON.stringify(notice.data),
    at,
  ]);
}

const close: Statement = {
  name: 'notice-close',
  text: `update notice set done_at = $4::timestamptz where code = $1 and account_id is not distinct from $2::int
    and channel_id is not distinct from $3::int and done_at is null`,
};
/** The cause is over. */
export async function closeNotice(
  db: Queryable,
  notice: { code: string; accountId?: number | null; channelId?: number | null },
  at: string,
): Promise<void> {
  await db.query(close, [notice.code, notice.accountId ?? null, notice.channelId ?? null, at]);
}

const open: Statement = {
  name: 'notices-open',
  text: `select id, code, account_id as "accountId", channel_id as "channelId", item_id as "itemId", text, next, data, at
    from notice where done_at is null order by id desc limit $1`,
};
export const openNotices = (db: Queryable, limit: number) => db.query<NoticeRow>(open, [limit]);
