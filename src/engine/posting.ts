import type { Doc } from '../domain/document.ts';
import { type Arrival, gone, judge, keepPlaces, merge, normalise } from '../domain/documents.ts';
import { type CellEffect, type Ingredient, type Moment, post } from '../domain/posting.ts';
import { compareRevisions } from '../platform/rev.ts';
import type { Queryable } from '../store/database.ts';
import { type FetchWish, wishFetches } from '../store/intake.ts';
import {
  appendMoves,
  type DocumentRow,
  type ListingRow,
  loadListings,
  lockDocuments,
  type NewMovement,
  type PostedDocument,
  saveDocuments,
  saveRevisions,
  touchFetched,
} from '../store/ledger.ts';
import { tell } from '../store/notices.ts';
import { type Account, type Channel, type EngineContext, iso } from './context.ts';
import { copySource } from './copies.ts';
import { lagMsOf } from './manner.ts';
import { openLevels, raiseOversells, type Work } from './posting-levels.ts';
import { type LocatedEffect, type Stir, tellCells } from './selling-cells.ts';
import { askForListings } from './unlisted.ts';

/**
 * A state that arrived, or the news (from a fetch) that the document is gone, or the word that what it sells has been mapped
 * meanwhile: then it is posted again as it stands.
 */
export type Arriving = { account: Account; doc: string; arrival: Arrival } & (
  | { state: Doc }
  | { gone: true }
  | { again: true }
);

export interface PostingReport {
  /** Items whose stock moved. */
  items: Set<number>;
  documents: { account: Account; doc: string; items: Set<number> }[];
  /** Accounts that are to be asked for documents. */
  wished: Set<number>;
}

/**
 * Posts a batch of states in the given transaction: locks the documents, compares with what is posted under the lock,
 * appends the difference, moves levels, tells the cells of the platforms that sold, and marks every cell that draws on
 * what moved. Set-based: a hot item costs one row update per batch. `heardAt`: when the first of them reached us.
 */
export async function postStates(
  tx: Queryable,
  context: EngineContext,
  arriving: Arriving[],
  heardAt?: string,
): Promise<PostingReport> {
  const now = context.clock.now();
  const report: PostingReport = { items: new Set(), documents: [], wished: new Set() };
  if (arriving.length === 0) return report;
  const works = await lockWorks(tx, arriving);
  const wishes: FetchWish[] = [];
  for (const one of arriving) {
    const work = works.get(keyOf(one.account.row.id, one.doc))!;
    work.fetched ||= one.arrival.how === 'fetched';
    decide(work, one, now, wishes);
  }
  const changed = [...works.values()].filter((work) => work.changed);
  await writePostings(tx, context, changed, now, heardAt ?? iso(now), report);
  await saveRevisions(
    tx,
    [...works.values()].flatMap((work) =>
      work.rev !== null && !work.changed ? [{ id: work.row.id, rev: work.rev }] : [],
    ),
  );
  const unchanged = [...works.values()].filter((work) => !work.changed && work.fetched && work.row.state);
  await touchFetched(
    tx,
    unchanged.map((work) => work.row.id),
    now,
  );
  await wishFetches(tx, wishes, iso(now));
  for (const wish of wishes) report.wished.add(wish.accountId);
  return report;
}

/** Platforms stamp whole seconds, and a fetch takes a while. */
const SAME_STAMP_MS = 10_000;

const keyOf = (accountId: number, doc: string) => `${accountId}\u0000${doc}`;

async function lockWorks(tx: Queryable, arriving: Arriving[]): Promise<Map<string, Work>> {
  const accounts = new Map(arriving.map((one) => [keyOf(one.account.row.id, one.doc), one]));
  const rows = await lockDocuments(
    tx,
    [...accounts.values()].map((one) => ({ accountId: one.account.row.id, doc: one.doc })),
  );
  return new Map(
    rows.map((row) => {
      const key = keyOf(row.accountId, row.doc);
      const { account } = accounts.get(key)!;
      const applied = row.state
        ? { state: row.state, appliedAt: row.appliedAt ?? 0, settled: settledAt(account, row) }
        : null;
      return [key, { account, row, applied, changed: false, fetched: false, rev: null }];
    }),
  );
}

/** Fetched as it stands, and late enough after its revision that another change cannot share the stamp. */
function settledAt(account: Account, row: DocumentRow): boolean {
  const rev = row.state?.rev;
  if (!rev || row.fetchedAt === null || row.fetchedAt < (row.appliedAt ?? 0)) return false;
  if (account.platform.facts.revision === 'integer') return true;
  return account.platform.facts.revision === 'time' && row.fetchedAt >= Date.parse(rev) + SAME_STAMP_MS;
}

/** Folds the batch to one state per document, by the rules of domain/documents. */
function decide(work: Work, one: Arriving, now: number, wishes: FetchWish[]): void {
  const wish = (reason: string, notBefore: number) =>
    wishes.push({ accountId: work.account.row.id, doc: one.doc, reason, notBefore });
  if ('gone' in one) {
    if (!work.applied) return;
    work.applied = { state: gone(work.applied.state), appliedAt: now };
    work.changed = true;
    return;
  }
  if ('again' in one) {
    work.changed ||= work.applied !== null;
    return;
  }
  const told = normalise(one.state);
  const incoming = work.applied && one.arrival.how === 'carried' ? keepPlaces(work.applied.state, told) : told;
  const facts = work.account.platform.facts;
  const judgement = judge(work.applied, incoming, one.arrival, (a, b) => compareRevisions(facts.revision, a, b));
  if (judgement === 'fetch') wish('order unclear', now);
  if (judgement === 'fetch-later') wish('read side lags', now + lagMsOf(work.account.platform.facts));
  const newer =
    incoming.rev !== null &&
    compareRevisions(facts.revision, incoming.rev, work.applied?.state.rev ?? null) === 'newer';
  if (judgement === 'same' && newer && work.applied) {
    work.applied = { ...work.applied, state: { ...work.applied.state, rev: incoming.rev } };
    work.rev = incoming.rev;
  }
  if (judgement !== 'apply') return;
  const state = incoming.whole || !work.applied ? incoming : merge(work.applied.state, incoming);
  // A partial state of a document nobody knows says only part of it.
  if (!incoming.whole && !work.applied) wish('first heard of by a part', now);
  if (one.arrival.how === 'carried' && placeUnknown(incoming, work.account)) wish('place not told', now);
  work.applied = { state, appliedAt: now };
  work.changed = true;
}

/** An online order does not say where it will ship from; only worth asking where there are several places. */
function placeUnknown(doc: Doc, account: Account): boolean {
  if ([...account.places.values()].filter((place) => place.active).length < 2) return false;
  return doc.lines.some((line) => line.parts.some((part) => part.location === null && (part.committed || part.out)));
}

async function writePostings(
  tx: Queryable,
  context: EngineContext,
  works: Work[],
  now: number,
  heardAt: string,
  report: PostingReport,
): Promise<void> {
  if (works.length === 0) return;
  const listings = await listingsOf(tx, works);
  const recipeOf = (work: Work, listing: string): Ingredient[] | null =>
    listings.get(keyOf(work.account.row.id, listing))?.recipe ?? null;
  const book = await openLevels(tx, works, (work, listing) => recipeOf(work, listing) ?? [], now);
  const moves: NewMovement[] = [];
  const documents: PostedDocument[] = [];
  const effects: LocatedEffect[] = [];
  const stirs: Stir[] = [];
  for (const work of works) {
    const state = work.applied!.state;
    const channel = channelOf(work.account, state);
    const copyOf = copySource(context, work.account, channel, state);
    const moment = (work.row.moment ?? channel?.settings.moment ?? 'created') as Moment;
    const old = work.row.state === null && soldBefore(state.saleAt, work.account.row.openedAt);
    const posting = post(work.row.posted, state, {
      moment,
      copy: copyOf !== null,
      returns: channel?.settings.returns ?? 'level',
      recipe: (listing) => recipeOf(work, listing),
      route: (location) => routeOf(work.account, location),
      available: book.available,
      moved: book.moved,
    });
    const by = `${work.account.platform.facts.id}:${work.account.row.key}`;
    for (const movement of posting.movements) {
      // What left before stock was counted is not in the count; what was still promised then is.
      const onHand = old ? 0 : movement.onHand;
      if (onHand === 0 && movement.committed === 0) continue;
      report.items.add(movement.item);
      moves.push({
        ...movement,
        onHand,
        reason: 'sale',
        documentId: work.row.id,
        ref: state.doc,
        note: old ? 'open at the opening' : null,
        by,
      });
      if (work.row.state === null && onHand < 0 && book.countedAfter(movement.item, movement.location, state.saleAt))
        moves.push(heardAfterCount(movement, state.doc, by));
    }
    const time = { since: startOfEvent(work, state), at: eventTime(work, state, now) };
    if (!old)
      for (const effect of posting.cells) {
        const listing = listings.get(keyOf(work.account.row.id, effect.listing));
        if (listing) effects.push({ account: work.account, effect, stockKey: listing.stockKey, ...time });
      }
    const stir = { account: work.account, since: time.since, at: lastChange(work.account, state, now) };
    if (!old && stir.at > stir.since)
      for (const stockKey of stockKeysOf(work, listings)) stirs.push({ ...stir, stockKey });
    documents.push({
      id: work.row.id,
      channelId: channel?.id ?? null,
      rev: state.rev,
      state,
      posted: posting.posted,
      moment,
      copyOf,
      unmapped: posting.unmapped,
      open: posting.open,
      fetched: work.fetched,
    });
    report.documents.push({
      account: work.account,
      doc: state.doc,
      items: new Set(posting.movements.map((movement) => movement.item)),
    });
    const unlisted = posting.unmapped.filter((listing) => !listings.has(keyOf(work.account.row.id, listing)));
    askForListings(context, work.account.row.id, unlisted);
    await askAboutReturns(tx, work, channel, posting.cells, now);
  }
  await appendMoves(tx, moves, iso(now), heardAt);
  await saveDocuments(tx, documents, now, iso(now));
  await tellCells(tx, context, effects, stirs, now);
  await raiseOversells(tx, book.below(), report.items, now);
}

/** Many platforms stamp whole seconds: a sale made just after the opening looks up to a second older than it is. */
function soldBefore(saleAt: string, opening: string): boolean {
  const sale = Date.parse(saleAt);
  return (sale % 1_000 === 0 ? sale + 999 : sale) < Date.parse(opening);
}

/** A count holds at its time: units sold before it and heard of after it were already missing on the shelf. */
function heardAfterCount(movement: { item: number; location: number; onHand: number }, doc: string, by: string) {
  return {
    item: movement.item,
    location: movement.location,
    onHand: -movement.onHand,
    committed: 0,
    reason: 'count',
    documentId: null,
    line: null,
    ref: doc,
    note: 'sold before the last count, heard of after it',
    by,
  };
}

async function listingsOf(tx: Queryable, works: Work[]): Promise<Map<string, ListingRow>> {
  const keys = new Map<string, { accountId: number; key: string }>();
  for (const work of works)
    for (const line of [...work.applied!.state.lines, ...work.row.posted])
      if (line.listing !== null)
        keys.set(keyOf(work.account.row.id, line.listing), { accountId: work.account.row.id, key: line.listing });
  const rows = await loadListings(tx, [...keys.values()]);
  return new Map(rows.map((row) => [keyOf(row.accountId, row.key), row]));
}

/** The stock records of everything it sells or sold. */
function stockKeysOf(work: Work, listings: Map<string, ListingRow>): Set<string> {
  const lines = [...work.applied!.state.lines, ...work.row.posted];
  return new Set(
    lines.flatMap(({ listing }) => {
      const found = listing !== null && listings.get(keyOf(work.account.row.id, listing));
      return found ? [found.stockKey] : [];
    }),
  );
}

/** The first channel of the account whose source is the document's; else the one that takes everything. */
function channelOf(account: Account, doc: Pick<Doc, 'source'>): Channel | undefined {
  return (
    account.channels.find((channel) => channel.source !== null && channel.source === doc.source) ??
    account.channels.find((channel) => channel.source === null && channel.role !== 'keeps') ??
    account.channels[0]
  );
}

/** Our locations behind a place, in routing order; a place nobody mapped, like no place at all, means all of the account's. */
function routeOf(account: Account, location: string | null): number[] {
  const place = location === null ? undefined : account.places.get(location);
  if (place && place.locationIds.length > 0) return place.locationIds;
  return [...new Set([...account.places.values()].flatMap((one) => one.locationIds))];
}

/** When it happened at the platform: a new sale at its own time, a change at the time of its revision. */
function eventTime(work: Work, state: Doc, now: number): number {
  const sale = Date.parse(state.saleAt);
  return work.row.state === null && Number.isFinite(sale) ? Math.min(sale, now) : lastChange(work.account, state, now);
}

/** When the document was last changed there. */
function lastChange(account: Account, state: Doc, now: number): number {
  const revised = account.platform.facts.revision === 'time' && state.rev ? Date.parse(state.rev) : Number.NaN;
  return Number.isFinite(revised) ? Math.min(revised, now) : now;
}

/** The state posted before says nothing of what came after its own revision; a sale nobody knew began when it was made. */
function startOfEvent(work: Work, state: Doc): number {
  const before = work.account.platform.facts.revision === 'time' ? work.row.state?.rev : null;
  const time = Date.parse(before ?? state.saleAt);
  return Number.isFinite(time) ? time : Number.NEGATIVE_INFINITY;
}

async function askAboutReturns(
  tx: Queryable,
  work: Work,
  channel: Channel | undefined,
  effects: CellEffect[],
  now: number,
): Promise<void> {
  const units = effects.reduce((sum, effect) => sum + Math.max(0, effect.returned), 0);
  if (units === 0 || channel?.settings.returns !== 'ask') return;
  await tell(
    tx,
    {
      code: 'return-to-place',
      accountId: work.account.row.id,
      channelId: channel.id,
      text: `${units} returned units of ${work.row.doc} on ${channel.name}: the platform does not say whether they went back on the shelf.`,
      next: 'If they are sellable again: onhand stock receive SKU UNITS --at LOCATION. If not: nothing.',
      data: { doc: work.row.doc },
    },
    iso(now),
  );
}
