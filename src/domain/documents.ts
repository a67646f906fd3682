import type { Doc, Line, Part } from './document.ts';
import { quantity } from './quantity.ts';

/** How a state reached us: inside a webhook, queue message or feed page, or as the answer to our own fetch. */
export type Arrival = { how: 'carried' } | { how: 'fetched'; startedAt: number };

/** What the ledger knows of the document already; null when it was never applied. */
export interface Applied {
  state: Doc;
  /** When it was posted, milliseconds since 1970, our clock. */
  appliedAt: number;
  /** It is what a fetch answered, late enough that nothing more can carry its revision: a page that says less is no news. */
  settled?: boolean;
}

/**
 *  - same: nothing to do.
 *  - apply: this state is the newest one.
 *  - fetch: it cannot be told whether this state is newer; ask the platform.
 *  - fetch-later: a fetched state that is older than what was applied: the platform's read side lags; ask again after the lag.
 */
export type Judgement = 'same' | 'apply' | 'fetch' | 'fetch-later';

/**
 * "When is a state applied?" (design: orders). The rules in order, because webhooks arrive twice, late and reordered,
 * WooCommerce stamps two different states with one second, Square's till orders carry no version, and a fetch that was
 * answered before another one was posted may still arrive after it.
 */
export function judge(
  applied: Applied | null,
  incoming: Doc,
  arrival: Arrival,
  compare: (a: string | null, b: string | null) => 'newer' | 'older' | 'equal' | 'unknown',
): Judgement {
  if (!applied) return 'apply';
  if (sameContent(applied.state, incoming.whole ? incoming : merge(applied.state, incoming))) return 'same';
  const order = compare(incoming.rev, applied.state.rev);
  if (arrival.how === 'carried') {
    if (order === 'equal' && applied.settled) return 'same';
    return order === 'newer' ? 'apply' : order === 'older' ? 'same' : 'fetch';
  }
  if (arrival.startedAt <= applied.appliedAt) return 'fetch';
  return order === 'older' ? 'fetch-later' : 'apply';
}

/** Lines that a partial state leaves out stay as they were; lines it names are replaced. */
export function merge(applied: Doc, partial: Doc): Doc {
  const named = new Map(partial.lines.map((line) => [line.line, line]));
  const kept = applied.lines.map((line) => named.get(line.line) ?? line);
  const known = new Set(applied.lines.map((line) => line.line));
  return {
    ...applied,
    ...partial,
    whole: true,
    paid: partial.paid ?? applied.paid,
    state: partial.state ?? applied.state,
    lines: [...kept, ...partial.lines.filter((line) => !known.has(line.line))],
  };
}

/**
 * A state that does not say where promised units will leave from keeps the places a fuller state has told: a webhook of an
 * online order says less than the order that was fetched. Units beyond what was told stay without a place.
 */
export function keepPlaces(applied: Doc, incoming: Doc): Doc {
  const told = new Map(applied.lines.map((line) => [line.line, line]));
  return {
    ...incoming,
    lines: incoming.lines.map((line) => {
      const unplaced = line.parts.find((part) => part.location === null && part.committed > 0);
      const before = told.get(line.line);
      if (!unplaced || !before || before.listing !== line.listing) return line;
      return {
        ...line,
        parts: addUp([...line.parts.filter((part) => part !== unplaced), ...place(unplaced, before.parts)]),
      };
    }),
  };
}

/** Spreads an unplaced part over the places that promised units before, each no more than it promised. */
function place(unplaced: Part, before: Part[]): Part[] {
  let left = unplaced.committed;
  const placed: Part[] = [];
  for (const part of before) {
    const units = Math.min(left, part.location === null ? 0 : part.committed);
    if (units <= 0) continue;
    // What the platform has taken follows the promise; a line it has not taken yet stays untaken.
    const taken = quantity((unplaced.taken * units) / unplaced.committed);
    placed.push({ location: part.location, committed: units, out: 0, returned: 0, taken });
    left = quantity(left - units);
  }
  const taken = quantity(unplaced.taken - placed.reduce((sum, part) => sum + part.taken, 0));
  const rest = { ...unplaced, committed: left, taken };
  return left > 0 || rest.out || rest.returned || rest.taken ? [...placed, rest] : placed;
}

/** Two states ask the same of stock. The revision is not content: a note on an order moves it and nothing else. */
export function sameContent(a: Doc, b: Doc): boolean {
  return content(a) === content(b);
}

/**
 * A document that is gone: nothing is promised any more, what has left stays left; a later state undoes it. Of what the
 * platform has taken, it gives back what it took for the promise; one that lowers its number only when goods leave took nothing.
 */
export function gone(applied: Doc): Doc {
  return {
    ...applied,
    state: 'gone',
    lines: applied.lines.map((line) => ({
      ...line,
      parts: line.parts.map((part) => {
        const forPromise = quantity(part.taken - part.out - part.returned);
        return {
          ...part,
          committed: 0,
          taken: quantity(part.taken - Math.max(0, Math.min(part.committed, forPromise))),
        };
      }),
    })),
  };
}

/** Adds up parts of one place, drops empty ones, sorts: two spellings of one state become one. */
export function normalise(doc: Doc): Doc {
  const lines = new Map<string, Line>();
  for (const line of doc.lines) {
    const known = lines.get(line.line);
    lines.set(line.line, known ? { ...known, parts: [...known.parts, ...line.parts] } : line);
  }
  return { ...doc, lines: [...lines.values()].map((line) => ({ ...line, parts: addUp(line.parts) })) };
}

function addUp(parts: Part[]): Part[] {
  const places = new Map<string | null, Part>();
  for (const part of parts) {
    const sum = places.get(part.location);
    places.set(
      part.location,
      sum
        ? {
            location: part.location,
            committed: quantity(sum.committed + part.committed),
            out: quantity(sum.out + part.out),
            returned: quantity(sum.returned + part.returned),
            taken: quantity(sum.taken + part.taken),
          }
        : part,
    );
  }
  return [...places.values()].sort((a, b) => ((a.location ?? '') < (b.location ?? '') ? -1 : 1));
}

function content(doc: Doc): string {
  const lines = doc.lines
    .map((line) => [
      line.line,
      line.listing,
      line.parts
        .filter((part) => part.committed || part.out || part.returned || part.taken)
        .map((part) => [part.location, part.committed, part.out, part.returned, part.taken]),
    ])
    .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  return JSON.stringify([doc.paid !== false, doc.origin ?? null, doc.source ?? null, lines]);
}
