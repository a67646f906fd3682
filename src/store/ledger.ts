import type { Doc } from '../domain/document.ts';
import type { Ingredient, PostedLine } from '../domain/posting.ts';
import type { Queryable, Statement } from './database.ts';

/** A document as it stands, locked. `state` null: met for the first time. */
export interface DocumentRow {
  id: number;
  accountId: number;
  doc: string;
  state: Doc | null;
  posted: PostedLine[];
  moment: string | null;
  copyOf: string | null;
  appliedAt: number | null;
  fetchedAt: number | null;
}

const insertMissing: Statement = {
  name: 'documents-insert-missing',
  text: `insert into document (account_id, doc)
    select k.account_id, k.doc from unnest($1::int[], $2::text[]) as k(account_id, doc)
    order by k.account_id, k.doc on conflict (account_id, doc) do nothing`,
};

const lock: Statement = {
  name: 'documents-lock',
  text: `select d.id, d.account_id as "accountId", d.doc, d.state, d.posted, d.moment, d.copy_of as "copyOf",
      d.applied_at as "appliedAt", d.fetched_at as "fetchedAt"
    from document d join unnest($1::int[], $2::text[]) as k(account_id, doc)
      on d.account_id = k.account_id and d.doc = k.doc
    order by d.account_id, d.doc for update of d`,
};

/**
 * First half of posting: the rows exist and are locked before anything is compared. A statement that locks and compares
 * at once compares with the snapshot it began with, and two processes post one order twice.
 */
export async function lockDocuments(tx: Queryable, keys: { accountId: number; doc: string }[]): Promise<DocumentRow[]> {
  const values = [keys.map((key) => key.accountId), keys.map((key) => key.doc)];
  await tx.query(insertMissing, values);
  return tx.query<DocumentRow>(lock, values);
}

export interface ListingRow {
  accountId: number;
  key: string;
  stockKey: string;
  recipe: Ingredient[] | null;
}

const listings: Statement = {
  name: 'listings-for-posting',
  text: `select l.account_id as "accountId", l.key, l.stock_key as "stockKey",
      (select jsonb_agg(jsonb_build_object('item', r.item_id, 'num', r.num, 'den', r.den) order by r.item_id)
        from recipe r where r.listing_id = l.id) as recipe
    from listing l join unnest($1::int[], $2::text[]) as k(account_id, key)
      on l.account_id = k.account_id and l.key = k.key`,
};

export async function loadListings(tx: Queryable, keys: { accountId: number; key: string }[]): Promise<ListingRow[]> {
  if (keys.length === 0) return [];
  return tx.query<ListingRow>(listings, [keys.map((key) => key.accountId), keys.map((key) => key.key)]);
}

const listingsOfCells: Statement = {
  name: 'listings-of-cells',
  text: `select distinct on (l.stock_key) l.account_id as "accountId", l.key, l.stock_key as "stockKey",
      (select jsonb_agg(jsonb_build_object('item', r.item_id, 'num', r.num, 'den', r.den) order by r.item_id)
        from recipe r where r.listing_id = l.id) as recipe
    from listing l where l.account_id = $1 and l.stock_key = any($2::text[])
      and exists (select 1 from recipe r where r.listing_id = l.id) order by l.stock_key, l.id`,
};
/** The mapped listing that speaks for each stock record: the first one. */
export async function loadListingsOfCells(tx: Queryable, accountId: number, stockKeys: string[]) {
  return tx.query<ListingRow>(listingsOfCells, [accountId, stockKeys]);
}

export interface LevelRow {
  item: number;
  location: number;
  onHand: number;
  committed: number;
  /** When it was last counted, ISO 8601. */
  countedAt: string | null;
}

const insertLevels: Statement = {
  name: 'levels-insert-missing',
  text: `insert into level (item_id, location_id, changed_at)
    select k.item_id, k.location_id, $3::timestamptz from unnest($1::int[], $2::int[]) as k(item_id, location_id)
    order by 1, 2 on conflict (item_id, location_id) do nothing`,
};

const lockLevel: Statement = {
  name: 'levels-lock',
  text: `select v.item_id as item, v.location_id as location, v.on_hand as "onHand", v.committed,
      v.counted_at as "countedAt"
    from level v join unnest($1::int[], $2::int[]) as k(item_id, location_id)
      on v.item_id = k.item_id and v.location_id = k.location_id
    order by v.item_id, v.location_id for update of v`,
};

/** Levels of these items at these places, made at zero where they are missing, locked in order. */
export async function lockLevels(
  tx: Queryable,
  keys: { item: number; location: number }[],
  at: string,
): Promise<LevelRow[]> {
  if (keys.length === 0) return [];
  const items = keys.map((key) => key.item);
  const locations = keys.map((key) => key.location);
  const locked = await tx.query<LevelRow>(lockLevel, [items, locations]);
  if (locked.length === new Set(keys.map((key) => `${key.item}@${key.location}`)).size) return locked;
  await tx.query(insertLevels, [items, locations, at]);
  return tx.query<LevelRow>(lockLevel, [items, locations]);
}

export interface NewMovement {
  item: number;
  location: number;
  onHand: number;
  committed: number;
  reason: string;
  documentId: number | null;
  line: string | null;
  ref: string | null;
  note: string | null;
  by: string;
}

const appendMovements: Statement = {
  name: 'movements-append',
  text: `insert into movement (item_id, location_id, on_hand, committed, reason, document_id, line, ref, note, by, at)
    select m.item_id, m.location_id, m.on_hand, m.committed, m.reason, m.document_id, m.line, m.ref, m.note, m.by, $11::timestamptz
    from unnest($1::int[], $2::int[], $3::numeric[], $4::numeric[], $5::text[], $6::bigint[], $7::text[], $8::text[],
      $9::text[], $10::text[]) as m(item_id, location_id, on_hand, committed, reason, document_id, line, ref, note, by)`,
};

const moveLevels: Statement = {
  name: 'levels-move',
  text: `update level v set on_hand = v.on_hand + m.on_hand, committed = v.committed + m.committed, changed_at = $5::timestamptz
    from (select item_id, location_id, sum(on_hand) as on_hand, sum(committed) as committed
        from unnest($1::int[], $2::int[], $3::numeric[], $4::numeric[]) as u(item_id, location_id, on_hand, committed)
        group by item_id, location_id) m
    where v.item_id = m.item_id and v.location_id = m.location_id`,
};

const markDirty: Statement = {
  name: 'cells-mark-dirty',
  text: `insert into dirty (cell_id, account_id, since)
    select distinct c.id, c.account_id, $3::timestamptz
    from unnest($1::int[], $2::int[]) as t(item_id, location_id)
    join recipe r on r.item_id = t.item_id
    join listing l on l.id = r.listing_id and l.retired_at is null
    join cell c on c.account_id = l.account_id and c.stock_key = l.stock_key
    join place p on p.account_id = c.account_id and p.remote = c.remote and t.location_id = any(p.location_ids)
    order by c.id on conflict (cell_id) do nothing`,
};

/** Appends movements, moves their (locked) levels and marks every cell that draws on them as waiting since `heardAt`. */
export async function appendMoves(tx: Queryable, moves: NewMovement[], at: string, heardAt = at): Promise<void> {
  if (moves.length === 0) return;
  const items = moves.map((move) => move.item);
  const locations = moves.map((move) => move.location);
  const onHand = moves.map((move) => move.onHand);
  const committed = moves.map((move) => move.committed);
  await tx.query(appendMovements, [
    items,
    locations,
    onHand,
    committed,
    moves.map((move) => move.reason),
    moves.map((move) => move.documentId),
    moves.map((move) => move.line),
    moves.map((move) => move.ref),
    moves.map((move) => move.note),
    moves.map((move) => move.by),
    at,
  ]);
  await tx.query(moveLevels, [items, locations, onHand, committed, at]);
  await tx.query(markDirty, [items, locations, heardAt]);
}

export interface PostedDocument {
  id: number;
  channelId: number | null;
  rev: string | null;
  state: Doc;
  posted: PostedLine[];
  moment: string;
  copyOf: string | null;
  unmapped: string[];
  open: boolean;
  fetched: boolean;
}

const saveDocument: Statement = {
  name: 'documents-save',
  text: `update document d set channel_id = n.channel_id, rev = n.rev, state = n.state::jsonb, posted = n.posted::jsonb,
      moment = n.moment, copy_of = n.copy_of, unmapped = array(select jsonb_array_elements_text(n.unmapped::jsonb)),
      open = n.open, sale_at = n.sale_at, applied_at = $11::bigint, heard_at = coalesce(d.heard_at, $12::timestamptz),
      fetched_at = case when n.fetched then $11::bigint else d.fetched_at end
    from unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
      $9::boolean[], $10::timestamptz[], $13::boolean[])
      as n(id, channel_id, rev, state, posted, moment, copy_of, unmapped, open, sale_at, fetched)
    where d.id = n.id`,
};

/** `appliedAt` in milliseconds since 1970; `at` the same instant as ISO text. */
export async function saveDocuments(
  tx: Queryable,
  documents: PostedDocument[],
  appliedAt: number,
  at: string,
): Promise<void> {
  if (documents.length === 0) return;
  const column = <T>(pick: (document: PostedDocument) => T) => documents.map(pick);
  await tx.query(saveDocument, [
    column((d) => d.id),
    column((d) => d.channelId),
    column((d) => d.rev),
    column((d) => JSON.stringify(d.state)),
    column((d) => JSON.stringify(d.posted)),
    column((d) => d.moment),
    column((d) => d.copyOf),
    column((d) => JSON.stringify(d.unmapped)),
    column((d) => d.open),
    column((d) => d.state.saleAt),
    Math.round(appliedAt),
    at,
    column((d) => d.fetched),
  ]);
}

const newRevs: Statement = {
  name: 'documents-new-revisions',
  text: `update document d set rev = n.rev, state = jsonb_set(d.state, '{rev}', to_jsonb(n.rev))
    from unnest($1::bigint[], $2::text[]) as n(id, rev) where d.id = n.id`,
};
/** The document moved on and asks the same of stock (a note, an address): later states are compared with where it is now. */
export async function saveRevisions(tx: Queryable, rows: { id: number; rev: string }[]): Promise<void> {
  if (rows.length > 0) await tx.query(newRevs, [rows.map((row) => row.id), rows.map((row) => row.rev)]);
}

const touch: Statement = {
  name: 'documents-touch-fetched',
  text: 'update document set fetched_at = $2::bigint where id = any($1::bigint[])',
};

/** A fetch found nothing new: the sweep need not ask again soon. */
export async function touchFetched(tx: Queryable, ids: number[], fetchedAt: number): Promise<void> {
  if (ids.length > 0) await tx.query(touch, [ids, Math.round(fetchedAt)]);
}

const movedSince: Statement = {
  name: 'movements-since',
  text: `select coalesce(sum(m.on_hand), 0) as units from movement m left join document d on d.id = m.document_id
    where m.item_id = $1 and m.location_id = $2 and m.at > $3::timestamptz and coalesce(d.sale_at, m.at) > $3::timestamptz`,
};
/** Change of on hand since an instant: what was sold before it but heard later was already missing when it was counted. */
export async function unitsMovedSince(tx: Queryable, item: number, location: number, since: string): Promise<number> {
  return (await tx.query<{ units: number }>(movedSince, [item, location, since]))[0]!.units;
}

const setCounted: Statement = {
  name: 'level-counted',
  text: `update level set counted_at = greatest(counted_at, $3::timestamptz) where item_id = $1 and location_id = $2`,
};
/** The shelf was counted at this time. The level must be locked. */
export async function saveCounted(tx: Queryable, item: number, location: number, at: string): Promise<void> {
  await tx.query(setCounted, [item, location, at]);
}

const openOnes: Statement = {
  name: 'documents-open-of-channel',
  text: 'select doc from document where account_id = $1 and channel_id = $2 and open order by id',
};
/** Orders of a channel that still promise something. */
export async function openDocumentsOf(db: Queryable, accountId: number, channelId: number): Promise<string[]> {
  return (await db.query<{ doc: string }>(openOnes, [accountId, channelId])).map(({ doc }) => doc);
}
