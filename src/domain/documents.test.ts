import { describe, expect, it } from 'vitest';
import { type Doc, emptyPart } from './document.ts';
import { gone, judge, keepPlaces, merge, normalise } from './documents.ts';

const compare = (a: string | null, b: string | null) => {
  if (a === null || b === null) return 'unknown' as const;
  return a === b ? ('equal' as const) : Number(a) > Number(b) ? ('newer' as const) : ('older' as const);
};
const doc = (committed: number, rev: string | null, over: Partial<Doc> = {}): Doc => ({
  account: 'shop',
  doc: 'order:1',
  rev,
  whole: true,
  saleAt: '2026-11-24T10:00:00Z',
  lines: [{ line: 'a', listing: 'L', parts: [{ ...emptyPart, committed, taken: committed }] }],
  ...over,
});
const applied = (committed: number, rev: string | null) => ({ state: doc(committed, rev), appliedAt: 1_000 });
const carried = { how: 'carried' } as const;

describe('when a state is applied', () => {
  it('rule 1: the same content does nothing, whatever its revision', () => {
    expect(judge(applied(2, '5'), doc(2, '9'), carried, compare)).toBe('same');
  });

  it('rule 2: a partial state never removes lines', () => {
    const two = { ...doc(2, '5'), lines: [...doc(2, '5').lines, { line: 'b', listing: 'M', parts: [] }] };
    const partial = { ...doc(1, '6'), whole: false };
    expect(merge(two, partial).lines.map((line) => line.line)).toEqual(['a', 'b']);
  });

  it('rule 3: carried states apply only if strictly newer, else are fetched or dropped', () => {
    expect(judge(applied(2, '5'), doc(1, '6'), carried, compare)).toBe('apply');
    expect(judge(applied(2, '5'), doc(1, '5'), carried, compare)).toBe('fetch');
    expect(judge(applied(2, '5'), doc(1, null), carried, compare)).toBe('fetch');
    expect(judge(applied(2, '5'), doc(1, '4'), carried, compare)).toBe('same');
    expect(judge({ ...applied(2, '5'), settled: true }, doc(1, '5'), carried, compare)).toBe('same');
    expect(judge({ ...applied(2, '5'), settled: true }, doc(1, '6'), carried, compare)).toBe('apply');
  });

  it('rule 4: a fetch that began before the last posting is asked again; an older answer waits for the lag', () => {
    expect(judge(applied(2, '5'), doc(1, '6'), { how: 'fetched', startedAt: 999 }, compare)).toBe('fetch');
    expect(judge(applied(2, '5'), doc(1, '4'), { how: 'fetched', startedAt: 1_001 }, compare)).toBe('fetch-later');
    expect(judge(applied(2, '5'), doc(1, null), { how: 'fetched', startedAt: 1_001 }, compare)).toBe('apply');
  });

  it('rule 5: what a gone document gives back is what the platform had taken for the promise, and no more', () => {
    const takenOf = (part: Partial<typeof emptyPart>) => {
      const one = { line: 'a', listing: 'L', parts: [{ ...emptyPart, ...part }] };
      return gone({ ...doc(0, '1'), lines: [one] }).lines[0]!.parts[0]!.taken;
    };
    expect(takenOf({ committed: 2, out: 1, taken: 3 }), 'lowered when the order came').toBe(1);
    expect(takenOf({ committed: 2, out: 1, taken: 1 }), 'lowered when goods leave').toBe(1);
    expect(takenOf({ committed: 2, out: 1, taken: 0 }), 'never lowered').toBe(0);
    expect(takenOf({ committed: 2, out: 1, returned: 1, taken: 4 }), 'some came back').toBe(2);
    expect(takenOf({ out: -1, taken: -1 }), 'a return').toBe(-1);
  });

  it('rule 5: gone promises nothing, keeps what left, and can be undone', () => {
    const state = doc(2, '5');
    state.lines[0]!.parts[0]!.out = 1;
    state.lines[0]!.parts[0]!.taken = 3;
    const after = gone(state);
    expect(after.lines[0]!.parts[0]).toMatchObject({ committed: 0, out: 1, taken: 1 });
    expect(judge({ state: after, appliedAt: 1_000 }, state, { how: 'fetched', startedAt: 2_000 }, compare)).toBe(
      'apply',
    );
  });

  it('rule 7: parts of one place are added up', () => {
    const twice = doc(1, '1');
    twice.lines.push(...doc(2, '1').lines);
    expect(normalise(twice).lines).toEqual([
      { line: 'a', listing: 'L', parts: [{ ...emptyPart, committed: 3, taken: 3 }] },
    ]);
  });

  it('a state that does not say where keeps the places that were told, and only for as many units', () => {
    const fuller = doc(0, '5');
    fuller.lines[0]!.parts = [
      { ...emptyPart, location: 'p1', committed: 2, taken: 2 },
      { ...emptyPart, location: 'p2', committed: 1, taken: 1 },
    ];
    expect(keepPlaces(fuller, doc(3, '6')).lines[0]!.parts).toEqual(fuller.lines[0]!.parts);
    expect(keepPlaces(fuller, doc(4, '6')).lines[0]!.parts).toEqual(
      expect.arrayContaining([...fuller.lines[0]!.parts, { ...emptyPart, committed: 1, taken: 1 }]),
    );
    expect(keepPlaces(fuller, doc(1, '6')).lines[0]!.parts).toEqual([
      { ...emptyPart, location: 'p1', committed: 1, taken: 1 },
    ]);
  });
});
