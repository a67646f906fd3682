import type { Queryable, Statement } from './database.ts';

export type Role = 'sells' | 'keeps' | 'both';
export type Mode = 'watch' | 'live' | 'held' | 'paused';

export interface AccountRow {
  id: number;
  platform: string;
  key: string;
  /** Sealed settings. */
  config: Buffer;
  hookKey: string;
  stoppedReason: string | null;
  openedAt: string;
}

export interface ChannelRow {
  id: number;
  name: string;
  accountId: number;
  role: Role;
  mode: Mode;
  modeReason: string | null;
  source: string | null;
  settings: Record<string, unknown>;
  approved: boolean;
  createdAt: string;
  modeAt: string;
}

const accountColumns = `id, platform, key, config, hook_key as "hookKey", stopped_reason as "stoppedReason", opened_at as "openedAt"`;
const channelColumns = `id, name, account_id as "accountId", role, mode, mode_reason as "modeReason", source, settings,
  approved, created_at as "createdAt", mode_at as "modeAt"`;

const listAccountsStatement: Statement = {
  name: 'accounts-list',
  text: `select ${accountColumns} from account where removed_at is null order by id`,
};
export const listAccounts = (db: Queryable) => db.query<AccountRow>(listAccountsStatement);

const listChannelsStatement: Statement = {
  name: 'channels-list',
  text: `select ${channelColumns} from channel order by id`,
};
export const listChannels = (db: Queryable) => db.query<ChannelRow>(listChannelsStatement);

const insertAccountStatement: Statement = {
  name: 'account-insert',
  text: `insert into account (platform, key, config, hook_key, opened_at, created_at)
    values ($1, $2, $3, $4, $5, $5) on conflict (platform, key) do update set config = excluded.config, removed_at = null,
      stopped_reason = case when account.removed_at is null then account.stopped_reason end,
      opened_at = case when account.removed_at is null then account.opened_at else excluded.opened_at end
    returning ${accountColumns}`,
};
/** Adds the account, or replaces the settings of the one already there. */
export async function saveAccount(
  db: Queryable,
  account: { platform: string; key: string; config: Buffer; hookKey: string; at: string },
): Promise<AccountRow> {
  const rows = await db.query<AccountRow>(insertAccountStatement, [
    account.platform,
    account.key,
    account.config,
    account.hookKey,
    account.at,
  ]);
  return rows[0]!;
}

const setConfig: Statement = { name: 'account-config', text: 'update account set config = $2 where id = $1' };
export async function saveAccountConfig(db: Queryable, id: number, config: Buffer): Promise<void> {
  await db.query(setConfig, [id, config]);
}

const setStopped: Statement = { name: 'account-stopped', text: 'update account set stopped_reason = $2 where id = $1' };
/** null starts it again. */
export async function saveAccountStopped(db: Queryable, id: number, reason: string | null): Promise<void> {
  await db.query(setStopped, [id, reason]);
}

const removeAccountStatement: Statement = {
  name: 'account-remove',
  text: `with marks as (delete from dirty where account_id = $1), wishes as (delete from wish where account_id = $1),
      feeds as (delete from feed where account_id = $1), lease as (delete from lease where name = 'lane:' || $1::text)
    update account set config = $2, removed_at = $3::timestamptz, stopped_reason = 'removed' where id = $1`,
};
/** `nothing`: what stands in the place of its credentials. Its listings, cells, documents and movements stay. */
export async function removeAccount(tx: Queryable, id: number, nothing: Buffer, at: string): Promise<void> {
  await tx.query(removeAccountStatement, [id, nothing, at]);
}

const removeChannelStatement: Statement = { name: 'channel-remove', text: 'delete from channel where id = $1' };
export async function removeChannel(tx: Queryable, id: number): Promise<void> {
  await tx.query(removeChannelStatement, [id]);
}

const insertChannelStatement: Statement = {
  name: 'channel-insert',
  text: `insert into channel (name, account_id, role, mode, source, settings, created_at, mode_at)
    values ($1, $2, $3, 'watch', $4, $5, $6, $6) returning ${channelColumns}`,
};
/** Every new channel watches: it takes orders and writes nothing. */
export async function insertChannel(
  db: Queryable,
  channel: {
    name: string;
    accountId: number;
    role: Role;
    source: string | null;
    settings: Record<string, unknown>;
    at: string;
  },
): Promise<ChannelRow> {
  const rows = await db.query<ChannelRow>(insertChannelStatement, [
    channel.name,
    channel.accountId,
    channel.role,
    channel.source,
    JSON.stringify(channel.settings),
    channel.at,
  ]);
  return rows[0]!;
}

const setMode: Statement = {
  name: 'channel-mode',
  text: 'update channel set mode = $2, mode_reason = $3, approved = $4, mode_at = $5 where id = $1',
};
export async function saveChannelMode(
  db: Queryable,
  id: number,
  mode: Mode,
  reason: string | null,
  approved: boolean,
  at: string,
): Promise<void> {
  await db.query(setMode, [id, mode, reason, approved, at]);
}

const holdAll: Statement = {
  name: 'channels-hold-all',
  text: "update channel set mode = 'held', mode_reason = $1, mode_at = $2::timestamptz where mode <> 'held'",
};
/** Nothing is written to any channel any more, whoever opens this store. */
export async function holdAllChannels(db: Queryable, reason: string, at: string): Promise<void> {
  await db.query(holdAll, [reason, at]);
}

const setApproved: Statement = { name: 'channel-approved', text: 'update channel set approved = $2 where id = $1' };
export async function saveChannelApproved(db: Queryable, id: number, approved: boolean): Promise<void> {
  await db.query(setApproved, [id, approved]);
}

const setSettings: Statement = { name: 'channel-settings', text: 'update channel set settings = $2 where id = $1' };
export async function saveChannelSettings(db: Queryable, id: number, settings: Record<string, unknown>): Promise<void> {
  await db.query(setSettings, [id, JSON.stringify(settings)]);
}
