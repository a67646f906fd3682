-- The whole model of the spine. One merchant is one schema; every time is the engine's, passed as a parameter,
-- but for lease expiry, which uses the database's clock (see clock()). Quantities are numeric(18,5).

create function clock() returns timestamptz language sql stable as 'select clock_timestamp()';

create table meta (
  key text primary key,
  value jsonb not null
);

-- What the vendor calls one shop, seller or company. config is sealed (AES-256-GCM); hook_key is the secret part of its webhook address.
create table account (
  id integer generated always as identity primary key,
  platform text not null,
  key text not null,
  config bytea not null,
  hook_key text not null unique,
  -- access lost, guard: no calls are made until a person starts it again
  stopped_reason text,
  -- documents sold before this were promised or gone when stock was counted: see engine/posting.ts
  opened_at timestamptz not null,
  created_at timestamptz not null,
  -- disconnected: its credentials are gone, its documents and movements stay
  removed_at timestamptz,
  unique (platform, key)
);

create table channel (
  id integer generated always as identity primary key,
  name text not null unique,
  account_id integer not null references account,
  role text not null check (role in ('sells', 'keeps', 'both')),
  mode text not null check (mode in ('watch', 'live', 'held', 'paused')),
  mode_reason text,
  -- Which sales of the account are this channel's (Doc.source); null: all.
  source text,
  -- moment, returns, repair, policy, ignoreCopiesFrom: see engine/channel-settings.ts
  settings jsonb not null default '{}',
  -- true: a person has seen the list of first writes, the guard lets the next plan through.
  approved boolean not null default false,
  created_at timestamptz not null,
  mode_at timestamptz not null
);
create index channel_account on channel (account_id);

create table item (
  id integer generated always as identity primary key,
  sku text not null unique,
  title text not null default '',
  created_at timestamptz not null
);

create table location (
  id integer generated always as identity primary key,
  name text not null unique,
  sellable boolean not null default true,
  created_at timestamptz not null
);

-- A place of the platform, and which of our locations stand behind it, in routing order.
create table place (
  account_id integer not null references account,
  remote text not null,
  name text not null,
  active boolean not null,
  location_ids integer[] not null default '{}',
  primary key (account_id, remote)
);

create table listing (
  id integer generated always as identity primary key,
  account_id integer not null references account,
  key text not null,
  stock_key text not null,
  sku text,
  barcode text,
  title text not null,
  tracked boolean not null,
  unwritable text,
  extra jsonb,
  seen_at timestamptz not null,
  retired_at timestamptz,
  unique (account_id, key)
);
create index listing_stock on listing (account_id, stock_key);

-- What one unit of a listing takes: one row for a plain item, several for a bundle. units = quantity × num / den.
create table recipe (
  listing_id integer not null references listing,
  item_id integer not null references item,
  num integer not null check (num > 0),
  den integer not null check (den > 0),
  primary key (listing_id, item_id)
);
create index recipe_item on recipe (item_id);

-- The platform's own stock record. Times of its shadow are milliseconds since 1970: they are compared with the platform's.
create table cell (
  id integer generated always as identity primary key,
  account_id integer not null references account,
  stock_key text not null,
  remote text not null,
  shown numeric(18,5),
  seen_value numeric(18,5),
  seen_at bigint,
  seen_clean boolean not null default true,
  doubt numeric(18,5) not null default 0,
  verify_at bigint,
  write_value numeric(18,5),
  write_effective_by bigint,
  unknown_change numeric(18,5),
  rights numeric(18,5) not null default 0,
  rights_pending_value numeric(18,5),
  rights_pending_at bigint,
  -- counted by the ledger for documents of this cell, less what the platform has taken for them itself
  untaken numeric(18,5) not null default 0,
  -- returned units nobody has placed yet
  returned numeric(18,5) not null default 0,
  -- moves with every posting, so that a reading knows whether the ledger moved meanwhile
  postings bigint not null default 0,
  version text,
  -- set aside: why, since when, and when it is tried again (null: when a person says so)
  aside_code text,
  aside_reason text,
  aside_at timestamptz,
  retry_at bigint,
  tries integer not null default 0,
  first_read_at bigint,
  read_at bigint,
  unique (account_id, stock_key, remote)
);

-- Cells whose number may have to change. A row is deleted before its cell is computed, so a later posting marks it again.
create table dirty (
  cell_id integer primary key references cell,
  account_id integer not null,
  since timestamptz not null
);
create index dirty_account on dirty (account_id);
-- What the audit of an account looks for; hardly any cell is in one of these at a time.
create index cell_verify on cell (account_id, verify_at) where verify_at is not null;
create index cell_unread on cell (account_id) where shown is null and aside_code is null;
create index cell_seen on cell (account_id, seen_at) where seen_at is not null;
create index cell_aside on cell (account_id, retry_at) where aside_code is not null;

create table level (
  item_id integer not null references item,
  location_id integer not null references location,
  on_hand numeric(18,5) not null default 0,
  committed numeric(18,5) not null default 0,
  changed_at timestamptz not null,
  counted_at timestamptz,
  primary key (item_id, location_id)
);

-- Append only. reason: sale, opening, receipt, adjust, count, transfer, return, hold, remote.
create table movement (
  id bigint generated always as identity primary key,
  item_id integer not null,
  location_id integer not null,
  on_hand numeric(18,5) not null,
  committed numeric(18,5) not null,
  reason text not null,
  document_id bigint,
  line text,
  ref text,
  note text,
  by text not null,
  at timestamptz not null
);
create index movement_item on movement (item_id, id);
create index movement_document on movement (document_id) where document_id is not null;
create index movement_item_sold on movement (item_id, id) where document_id is not null;
create index movement_item_other on movement (item_id, id) where document_id is null;
create function movement_is_append_only() returns trigger language plpgsql as
  $$ begin raise exception 'movements are never changed or deleted: append a correction instead'; end $$;
create trigger movement_append_only before update or delete on movement
  for each row execute function movement_is_append_only();

-- Movements told by exact feeds of business systems, once each.
create table remote_movement (
  account_id integer not null references account,
  ref text not null,
  at timestamptz not null,
  primary key (account_id, ref)
);

create table document (
  id bigint generated always as identity primary key,
  account_id integer not null references account,
  doc text not null,
  channel_id integer,
  rev text,
  state jsonb,
  posted jsonb not null default '[]',
  moment text,
  copy_of text,
  unmapped text[] not null default '{}',
  open boolean not null default false,
  sale_at timestamptz,
  heard_at timestamptz,
  -- milliseconds since 1970 on our clock: compared with when a fetch started
  applied_at bigint,
  fetched_at bigint,
  unique (account_id, doc)
);
create index document_open on document (account_id, fetched_at) where open;
create index document_recent on document (applied_at desc);
create index document_unmapped on document (account_id) where unmapped <> '{}';

-- Everything a platform sent, as it came. status: new, done, ignored, aside.
create table delivery (
  id bigint generated always as identity primary key,
  account_id integer not null references account,
  topic text not null,
  hint text,
  method text not null,
  path text not null,
  headers jsonb not null,
  body bytea not null,
  received_at timestamptz not null,
  status text not null default 'new',
  reason text,
  done_at timestamptz
);
create index delivery_new on delivery (id) where status = 'new';
create index delivery_aside on delivery (account_id, id) where status = 'aside';
create index delivery_done on delivery (done_at) where status in ('done', 'ignored');

-- Documents to be asked for. One row per document: wishes coalesce.
create table wish (
  account_id integer not null references account,
  doc text not null,
  -- the oldest change that was not fetched yet, and the newest
  first_wanted_at timestamptz not null,
  wanted_at timestamptz not null,
  not_before bigint not null,
  tries integer not null default 0,
  reason text not null,
  primary key (account_id, doc)
);

create table feed (
  account_id integer not null references account,
  feed text not null,
  cursor text,
  since timestamptz not null,
  complete_to timestamptz,
  polled_at timestamptz,
  failed text,
  primary key (account_id, feed)
);

-- A write under way. Stored before it is sent; whoever takes the lane over treats it as unknown until its deadline.
create table attempt (
  cell_id integer primary key references cell,
  account_id integer not null,
  key text not null,
  mode text not null,
  want numeric(18,5) not null,
  expect numeric(18,5) not null,
  epoch bigint not null,
  sent_at bigint not null,
  deadline bigint not null,
  handle text,
  settle_at bigint
);
create index attempt_account on attempt (account_id);

-- Every write with its outcome: "why" and the recognition of echoes read it.
create table push (
  id bigint generated always as identity primary key,
  cell_id integer not null,
  value numeric(18,5) not null,
  expect numeric(18,5),
  result text not null,
  reason text,
  heard_at timestamptz,
  at timestamptz not null
);
create index push_cell on push (cell_id, id);

create table drift (
  id bigint generated always as identity primary key,
  cell_id integer not null references cell,
  units numeric(18,5) not null,
  seen numeric(18,5) not null,
  believed numeric(18,5) not null,
  cause text not null,
  status text not null,
  at timestamptz not null,
  decided_at timestamptz,
  decided_by text
);
create index drift_open on drift (cell_id) where status = 'open';

create table hold (
  id integer generated always as identity primary key,
  item_id integer not null references item,
  location_id integer not null references location,
  quantity numeric(18,5) not null check (quantity > 0),
  owner text not null,
  note text,
  until timestamptz,
  created_at timestamptz not null,
  released_at timestamptz
);
create index hold_open on hold (item_id) where released_at is null;

-- What a person should read: an oversell, a lane held, access lost, a return to decide.
create table notice (
  id bigint generated always as identity primary key,
  code text not null,
  account_id integer,
  channel_id integer,
  item_id integer,
  text text not null,
  next text not null,
  data jsonb,
  at timestamptz not null,
  done_at timestamptz
);
create index notice_open on notice (id) where done_at is null;

create table api_key (
  id integer generated always as identity primary key,
  name text not null,
  hash bytea not null unique,
  scopes text[] not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);

-- One process at a time per lane. Expiry is the database's clock; budgets travel with the lease.
create table lease (
  name text primary key,
  holder text not null,
  epoch bigint not null,
  expires_at timestamptz not null,
  budgets jsonb
);
