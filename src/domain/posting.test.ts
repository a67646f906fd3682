import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Doc, emptyPart, type Part } from './document.ts';
import { allocate, type Ingredient, type Movement, type PostedLine, type PostingContext, post } from './posting.ts';
import { quantity } from './quantity.ts';

const W1 = 1;
const W2 = 2;

function context(over: Partial<PostingContext> = {}, stock: Record<string, number> = {}): PostingContext {
  return {
    moment: 'created',
    copy: false,
    returns: 'level',
    recipe: () => [{ item: 1, num: 1, den: 1 }],
    route: (location) => (location === 'p2' ? [W2] : location === 'p1' ? [W1] : [W1, W2]),
    available: (item, location) => stock[`${item}@${location}`] ?? 0,
    moved: (movement) => {
      const key = `${movement.item}@${movement.location}`;
      stock[key] = quantity((stock[key] ?? 0) + movement.onHand - movement.committed);
    },
    ...over,
  };
}

const doc = (lines: Doc['lines'], over: Partial<Doc> = {}): Doc => ({
  account: 'shop',
  doc: 'order:1',
  rev: '1',
  whole: true,
  saleAt: '2026-11-24T10:00:00Z',
  lines,
  ...over,
});
const line = (parts: Partial<Part>[], id = 'a', listing: string | null = 'L') => ({
  line: id,
  listing,
  parts: parts.map((part) => ({ ...emptyPart, ...part })),
});

function total(movements: Movement[], item = 1) {
  return movements
    .filter((movement) => movement.item === item)
    .reduce(
      (sum, movement) => ({
        onHand: quantity(sum.onHand + movement.onHand),
        committed: quantity(sum.committed + movement.committed),
      }),
      { onHand: 0, committed: 0 },
    );
}

describe('posting a document', () => {
  it('a sale commits, its fulfilment takes the units from where they were promised', () => {
    const stock = { '1@1': 1, '1@2': 5 };
    const sale = post([], doc([line([{ committed: 2, taken: 2 }])]), context({}, stock));
    expect(sale.movements).toEqual([{ item: 1, location: W2, onHand: 0, committed: 2, line: 'a' }]);
    expect(sale.open).toBe(true);
    const shipped = post(sale.posted, doc([line([{ out: 2, taken: 2 }])]), context({}, stock));
    expect(shipped.movements).toEqual([{ item: 1, location: W2, onHand: -2, committed: -2, line: 'a' }]);
    expect(shipped.open).toBe(false);
    expect(shipped.cells).toEqual([]);
  });

  it('posting the same state again asks for nothing', () => {
    const first = post([], doc([line([{ committed: 2, taken: 2 }])]), context());
    const again = post(first.posted, doc([line([{ committed: 2, taken: 2 }])]), context());
    expect(again.movements).toEqual([]);
    expect(again.cells).toEqual([]);
  });

  it('a line that disappears is undone; a cancelled order gives everything back', () => {
    const first = post(
      [],
      doc([line([{ committed: 2, taken: 2 }]), line([{ committed: 1, taken: 1 }], 'b')]),
      context(),
    );
    const fewer = post(first.posted, doc([line([{ committed: 2, taken: 2 }])]), context());
    expect(total(fewer.movements)).toEqual({ onHand: 0, committed: -1 });
    expect(fewer.cells).toMatchObject([{ taken: -1, counted: -1 }]);
    expect(total(post(fewer.posted, doc([]), context()).movements)).toEqual({ onHand: 0, committed: -2 });
  });

  it('units move to another place when the platform says so', () => {
    const first = post([], doc([line([{ committed: 2, taken: 2 }])]), context({}, { '1@1': 9 }));
    const placed = post(first.posted, doc([line([{ location: 'p2', committed: 2, taken: 2 }])]), context());
    expect(placed.movements).toEqual(
      expect.arrayContaining([
        { item: 1, location: W1, onHand: 0, committed: -2, line: 'a' },
        { item: 1, location: W2, onHand: 0, committed: 2, line: 'a' },
      ]),
    );
  });

  it('restocked at a third place: the units come in where the platform says they went', () => {
    const sold = post([], doc([line([{ location: 'p1', out: 3, taken: 3 }])]), context());
    const back = post(
      sold.posted,
      doc([
        line([
          { location: 'p1', out: 3, taken: 3 },
          { location: 'p2', out: -1, taken: -1 },
        ]),
      ]),
      context(),
    );
    expect(back.movements).toEqual([{ item: 1, location: W2, onHand: 1, committed: 0, line: 'a' }]);
  });

  it('a bundle lowers its components and keeps the recipe it was sold with', () => {
    const recipe: Ingredient[] = [
      { item: 1, num: 2, den: 1 },
      { item: 2, num: 1, den: 2 },
    ];
    const sold = post([], doc([line([{ committed: 3, taken: 3 }])]), context({ recipe: () => recipe }));
    expect(total(sold.movements, 1).committed).toBe(6);
    expect(total(sold.movements, 2).committed).toBe(1.5);
    const changed = context({ recipe: () => [{ item: 9, num: 1, den: 1 }] });
    const cancelled = post(sold.posted, doc([line([{}])]), changed);
    expect(total(cancelled.movements, 1).committed).toBe(-6);
    expect(total(cancelled.movements, 9)).toEqual({ onHand: 0, committed: 0 });
  });

  it('the paid moment waits for the money, and the cell waits for neither', () => {
    const unpaid = post([], doc([line([{ committed: 2, taken: 2 }])], { paid: false }), context({ moment: 'paid' }));
    expect(unpaid.movements).toEqual([]);
    expect(unpaid.cells).toMatchObject([{ taken: 2, counted: 0 }]);
    const paid = post(
      unpaid.posted,
      doc([line([{ committed: 2, taken: 2 }])], { paid: true }),
      context({ moment: 'paid' }),
    );
    expect(total(paid.movements).committed).toBe(2);
    expect(paid.cells).toMatchObject([{ taken: 0, counted: 2 }]);
  });

  it('a copy posts nothing, but its own platform has lowered its number', () => {
    const copied = post([], doc([line([{ committed: 2, taken: 2 }])]), context({ copy: true }));
    expect(copied.movements).toEqual([]);
    expect(copied.cells).toMatchObject([{ taken: 2, counted: 2 }]);
  });

  it('an unmapped listing is kept and posted once it is mapped', () => {
    const before = post([], doc([line([{ committed: 2, taken: 2 }])]), context({ recipe: () => null }));
    expect(before).toMatchObject({ movements: [], unmapped: ['L'] });
    const after = post(before.posted, doc([line([{ committed: 2, taken: 2 }])]), context());
    expect(total(after.movements).committed).toBe(2);
  });

  it('returned units without a word: posted by the rule "back", waiting under "level"', () => {
    const sold = post([], doc([line([{ out: 2, taken: 2 }])]), context());
    const state = doc([line([{ out: 2, returned: 1, taken: 2 }])]);
    expect(post(sold.posted, state, context({ returns: 'level' })).cells).toMatchObject([{ returned: 1 }]);
    expect(total(post(sold.posted, state, context({ returns: 'back' })).movements).onHand).toBe(1);
    expect(post(sold.posted, state, context({ returns: 'not-back' })).movements).toEqual([]);
  });

  it('[I2] whatever the way of states, the sum of movements is what the last state asks', () => {
    const parts = fc.array(
      fc.record({
        location: fc.constantFrom(null, 'p1', 'p2'),
        committed: fc.integer({ min: 0, max: 5 }),
        out: fc.integer({ min: -3, max: 5 }),
        returned: fc.constant(0),
        taken: fc.integer({ min: 0, max: 5 }),
      }),
      { maxLength: 3 },
    );
    const unique = (list: Part[]) => [...new Map(list.map((part) => [part.location, part])).values()];
    const states = fc.array(fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c'), parts }), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(states, (way) => {
        let posted: PostedLine[] = [];
        const stock = { '1@1': 4, '1@2': 4 };
        const movements: Movement[] = [];
        const shown = { taken: 0, counted: 0 };
        let last: Doc = doc([]);
        for (const state of way) {
          const lines = [...new Map(state.map((one) => [one.id, line(unique(one.parts), one.id)])).values()];
          last = doc(lines);
          const posting = post(posted, last, context({}, stock));
          posted = posting.posted;
          movements.push(...posting.movements);
          for (const effect of posting.cells) {
            shown.taken += effect.taken;
            shown.counted += effect.counted;
          }
        }
        const all = last.lines.flatMap((one) => one.parts);
        const committed = all.reduce((sum, part) => sum + part.committed, 0);
        const out = all.reduce((sum, part) => sum + part.out, 0);
        const taken = all.reduce((sum, part) => sum + part.taken, 0);
        expect(total(movements)).toEqual({ onHand: out === 0 ? 0 : -out, committed });
        expect(shown).toEqual({ taken, counted: committed + out });
      }),
      { numRuns: 500 },
    );
  });
});

describe('allocation', () => {
  it('takes from the first place that has it all, splits only when none has', () => {
    const stock: Record<number, number> = { 1: 2, 2: 5 };
    const sellable = (location: number) => stock[location] ?? 0;
    expect(allocate([], { committed: 4, out: 0 }, [1, 2], sellable)).toEqual([{ location: 2, committed: 4, out: 0 }]);
    expect(allocate([], { committed: 6, out: 0 }, [1, 2], sellable)).toEqual([
      { location: 1, committed: 2, out: 0 },
      { location: 2, committed: 4, out: 0 },
    ]);
  });

  it('a sale beyond stock is recorded at the first place, below zero', () => {
    expect(allocate([], { committed: 3, out: 0 }, [1, 2], () => 0)).toEqual([{ location: 1, committed: 3, out: 0 }]);
  });

  it('a release undoes the newest allocation first', () => {
    const had = [
      { location: 1, committed: 2, out: 0 },
      { location: 2, committed: 2, out: 0 },
    ];
    expect(allocate(had, { committed: 1, out: 0 }, [1, 2], () => 9)).toEqual([{ location: 1, committed: 1, out: 0 }]);
  });
});
