import type { Doc, Part } from './document.ts';
import { type Quantity, quantity } from './quantity.ts';

/** How many units of an item one unit of a listing takes: units = quantity × num / den. */
export interface Ingredient {
  item: number;
  num: number;
  den: number;
}

/** Which moment of a sale lowers the ledger; the channel's choice, frozen into the document. */
export type Moment = 'created' | 'paid' | 'fulfilled';

/** Units of one part that were posted at one of our locations, in the listing's units. */
export interface Allocation {
  location: number;
  committed: Quantity;
  out: Quantity;
}

export interface PostedPart {
  /** The platform's id of the place. */
  location: string | null;
  taken: Quantity;
  /** Units that came back without a word where to, and are still unexplained. */
  returned: Quantity;
  allocations: Allocation[];
}

/** What was posted for a line: recipe and places are frozen, so that editing a bundle never rewrites what was shipped. */
export interface PostedLine {
  line: string;
  listing: string | null;
  /** null: the listing is not mapped to items yet; nothing is posted, and the line is posted once it is. */
  recipe: Ingredient[] | null;
  parts: PostedPart[];
  /** Returned units that a level later proved to be back on the shelf, by location of ours. */
  accepted?: { location: number; quantity: Quantity }[];
}

/** One change of one item at one location, asked for by one line. */
export interface Movement {
  item: number;
  location: number;
  onHand: Quantity;
  committed: Quantity;
  line: string;
}

/** What a document did to the platform's own stock record, in the listing's units. */
export interface CellEffect {
  listing: string;
  /** The platform's place; null: not told, so the place of the first allocation. */
  location: string | null;
  routedTo: number | null;
  /** How much more the platform itself has taken off its number. */
  taken: Quantity;
  /** How much more the ledger has counted. */
  counted: Quantity;
  /** Change of the returned units that still wait for an explanation. */
  returned: Quantity;
}

export interface Posting {
  posted: PostedLine[];
  movements: Movement[];
  cells: CellEffect[];
  /** Listings that could not be resolved. */
  unmapped: string[];
  /** Something is still promised: the document stays on the sweep's list. */
  open: boolean;
}

/** What posting needs to know from outside the document. */
export interface PostingContext {
  moment: Moment;
  /** This document was copied from another system's: it counts nothing. */
  copy: boolean;
  /** What to do with units that came back without a word where to. */
  returns: 'back' | 'not-back' | 'level' | 'ask';
  recipe(listing: string): Ingredient[] | null;
  /** Our locations behind a place of the platform, in routing order; null: every location the account sells from. */
  route(location: string | null): number[];
  /** Available units of an item at a location; lowered here as the batch goes on. */
  available(item: number, location: number): Quantity;
  /** Tells the context what was just decided, so that the next line of the batch sees it. */
  moved(movement: Movement): void;
}

/**
 * What must be appended so that the ledger holds exactly what this state asks: the state's wish less what was posted.
 * Lines that the new state no longer has ask for nothing and are undone.
 */
export function post(before: PostedLine[], doc: Doc, context: PostingContext): Posting {
  const posting: Posting = { posted: [], movements: [], cells: [], unmapped: [], open: false };
  const wanted = new Map(doc.lines.map((line) => [line.line, line]));
  for (const old of before) if (!wanted.has(old.line)) wanted.set(old.line, { ...old, parts: [] });
  const known = new Map(before.map((line) => [line.line, line]));
  for (const line of wanted.values()) {
    const old = known.get(line.line);
    const listing = old?.listing ?? line.listing;
    const recipe = old?.recipe ?? (listing === null ? [] : context.recipe(listing));
    if (recipe === null && listing !== null) posting.unmapped.push(listing);
    posting.posted.push(postLine({ line: line.line, listing, recipe, old, parts: line.parts, doc, context, posting }));
  }
  posting.posted = posting.posted.filter((line) => line.parts.length > 0 || (line.accepted?.length ?? 0) > 0);
  return posting;
}

interface LineWork {
  line: string;
  listing: string | null;
  recipe: Ingredient[] | null;
  old: PostedLine | undefined;
  parts: Part[];
  doc: Doc;
  context: PostingContext;
  posting: Posting;
}

function postLine(work: LineWork): PostedLine {
  const { old, recipe, context, posting } = work;
  const places = new Map<string | null, { wish: Part | undefined; had: PostedPart | undefined }>();
  for (const had of old?.parts ?? []) places.set(had.location, { wish: undefined, had });
  for (const wish of work.parts) places.set(wish.location, { wish, had: places.get(wish.location)?.had });
  const changes = new Map<string, Movement>();
  const parts: PostedPart[] = [];
  for (const [location, { wish, had }] of places) {
    const wishes = wishOf(wish, work.doc, context, recipe === null);
    const allocations = allocate(had?.allocations ?? [], wishes, context.route(location), (at) =>
      mostSellable(recipe ?? [], at, context),
    );
    const part: PostedPart = {
      location,
      taken: wish?.taken ?? 0,
      returned: context.returns === 'back' ? 0 : (wish?.returned ?? 0),
      allocations,
    };
    if (wishes.committed > 0) posting.open = true;
    note(changes, work, had?.allocations ?? [], allocations);
    effect(work, had, part, wishes);
    if (wish || allocations.some((one) => one.committed || one.out)) parts.push(part);
  }
  for (const movement of changes.values())
    if (movement.onHand || movement.committed) {
      posting.movements.push(movement);
      context.moved(movement);
    }
  return { line: work.line, listing: work.listing, recipe, parts, ...(old?.accepted && { accepted: old.accepted }) };
}

/** The moment that counts turns the platform's state into what the ledger is asked for. */
function wishOf(wish: Part | undefined, doc: Doc, context: PostingContext, unmapped: boolean) {
  if (!wish || context.copy || unmapped) return { committed: 0, out: 0 };
  const counts = context.moment === 'created' || (context.moment === 'paid' && doc.paid !== false);
  const back = context.returns === 'back' ? wish.returned : 0;
  return { committed: counts ? wish.committed : 0, out: quantity(wish.out - back) };
}

/**
 * Moves a part's allocations to the wished totals: what was promised and is now gone leaves from where it was promised;
 * releases undo the newest allocation first; only additional units are routed.
 */
export function allocate(
  had: Allocation[],
  wish: { committed: Quantity; out: Quantity },
  route: number[],
  sellable: (location: number) => Quantity,
): Allocation[] {
  const now = had.map((one) => ({ ...one }));
  const sum = (key: 'committed' | 'out') => quantity(now.reduce((total, one) => total + one[key], 0));
  let leaving = Math.min(Math.max(0, wish.out - sum('out')), Math.max(0, sum('committed') - wish.committed));
  for (const one of now) {
    const units = Math.min(leaving, one.committed);
    one.committed = quantity(one.committed - units);
    one.out = quantity(one.out + units);
    leaving = quantity(leaving - units);
  }
  for (const key of ['committed', 'out'] as const) {
    const change = quantity(wish[key] - sum(key));
    if (change < 0) undo(now, key, -change, route);
    if (change > 0) add(now, key, change, route, sellable);
  }
  return now.filter((one) => one.committed !== 0 || one.out !== 0);
}

function undo(now: Allocation[], key: 'committed' | 'out', units: Quantity, route: number[]): void {
  let left = units;
  for (const one of [...now].reverse()) {
    const taken = Math.min(left, Math.max(0, one[key]));
    one[key] = quantity(one[key] - taken);
    left = quantity(left - taken);
  }
  // A return without a sale before it (an exchange, an older order): it comes in at the first place of the route.
  if (left > 0 && route[0] !== undefined) at(now, route[0])[key] = quantity(at(now, route[0])[key] - left);
}

function add(
  now: Allocation[],
  key: 'committed' | 'out',
  units: Quantity,
  route: number[],
  sellable: (location: number) => Quantity,
): void {
  let left = units;
  const whole = route.find((location) => sellable(location) >= left);
  if (whole !== undefined) {
    at(now, whole)[key] = quantity(at(now, whole)[key] + left);
    return;
  }
  for (const location of route) {
    const share = Math.min(left, Math.max(0, Math.floor(sellable(location))));
    if (share > 0) at(now, location)[key] = quantity(at(now, location)[key] + share);
    left = quantity(left - share);
  }
  // A sale that really happened beyond stock is recorded as what it is: available goes below zero.
  if (left > 0 && route[0] !== undefined) at(now, route[0])[key] = quantity(at(now, route[0])[key] + left);
}

function at(now: Allocation[], location: number): Allocation {
  const known = now.find((one) => one.location === location);
  if (known) return known;
  const fresh = { location, committed: 0, out: 0 };
  now.push(fresh);
  return fresh;
}

/** How many units of a listing its scarcest ingredient allows at a location. */
function mostSellable(recipe: Ingredient[], location: number, context: PostingContext): Quantity {
  if (recipe.length === 0) return 0;
  return Math.min(...recipe.map(({ item, num, den }) => (context.available(item, location) * den) / num));
}

function note(changes: Map<string, Movement>, work: LineWork, before: Allocation[], after: Allocation[]): void {
  for (const [allocations, sign] of [
    [before, -1],
    [after, 1],
  ] as const)
    for (const { location, committed, out } of allocations)
      for (const { item, num, den } of work.recipe ?? []) {
        const key = `${item}@${location}`;
        const change = changes.get(key) ?? { item, location, onHand: 0, committed: 0, line: work.line };
        change.onHand = quantity(change.onHand - sign * quantity((out * num) / den));
        change.committed = quantity(change.committed + sign * quantity((committed * num) / den));
        changes.set(key, change);
      }
}

function effect(
  work: LineWork,
  had: PostedPart | undefined,
  part: PostedPart,
  wishes: { committed: number; out: number },
) {
  if (work.listing === null) return;
  const countedBefore = (had?.allocations ?? []).reduce((sum, one) => sum + one.committed + one.out, 0);
  const taken = quantity(part.taken - (had?.taken ?? 0));
  // A copy's own platform lowered its number, the ledger never will: the difference must not be waited for.
  const counted = work.context.copy ? taken : quantity(wishes.committed + wishes.out - countedBefore);
  const returned = quantity(part.returned - (had?.returned ?? 0));
  if (taken || counted || returned)
    work.posting.cells.push({
      listing: work.listing,
      location: part.location,
      routedTo: part.allocations[0]?.location ?? had?.allocations[0]?.location ?? null,
      taken,
      counted,
      returned,
    });
}
