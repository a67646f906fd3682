-- When to order an item again at a location, and how much to have then.
create table reorder (
  item_id integer not null references item,
  location_id integer not null references location,
  -- low: what is available is at or below it
  point numeric(18,5) not null check (point >= 0),
  up_to numeric(18,5) not null check (up_to >= point),
  -- leadDays, leadDeviationDays, service, reviewDays: both levels follow from sales; null: set by hand
  rule jsonb,
  -- mean, deviation, days, safetyStock: what they were computed from
  basis jsonb,
  computed_at timestamptz,
  set_at timestamptz not null,
  set_by text not null,
  -- since when it is low, as far as we looked; null: it is not
  low_since timestamptz,
  primary key (item_id, location_id)
);

-- Alerts on their way to whoever is told; one per time that an item fell to its point.
create table reorder_alert (
  id bigint generated always as identity primary key,
  message uuid not null unique,
  item_id integer not null references item,
  location_id integer not null references location,
  at timestamptz not null,
  -- milliseconds since 1970; null: sent, or given up
  due_at bigint,
  tries integer not null default 0,
  sent_at timestamptz,
  failed text
);
create index reorder_alert_due on reorder_alert (due_at) where due_at is not null;

-- Who is told: its address and signing secret, sealed. One row at most.
create table reorder_receiver (
  id integer primary key check (id = 1),
  sealed bytea not null,
  set_at timestamptz not null,
  set_by text not null
);
