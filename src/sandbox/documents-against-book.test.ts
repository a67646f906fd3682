import { describe, expect, it } from 'vitest';
import { type Doc, emptyPart, type Part } from '../domain/document.ts';
import type { RemoteListing } from '../platform/contract.ts';
import { differences } from './documents-against-book.ts';

const listings = new Map<string, RemoteListing>([
  ['9', { listing: '9', stockKey: '9', sku: 'mug', title: 'Mug', tracked: true }],
  ['8', { listing: '8', stockKey: '8', sku: 'cup', title: 'Cup', tracked: true }],
]);
/** `taken` as for a plain sale, unless said. */
const partOf = (part: Partial<Part>): Part => ({
  ...emptyPart,
  location: 'W1',
  taken: (part.committed ?? 0) + (part.out ?? 0),
  ...part,
});
const doc = (parts: Partial<Part>[], listing = '9'): Doc => ({
  account: 'a',
  doc: 'order:1',
  rev: null,
  whole: true,
  saleAt: '2026-01-01T00:00:00Z',
  lines: [{ line: '1', listing, parts: parts.map(partOf) }],
});
const book = [
  { sku: 'mug', location: 'W1', committed: 2, out: 1, taken: 3 },
  { sku: 'mug', location: 'W2', committed: 0, out: 0, taken: 0 },
];

// The strong test of every platform rests on this comparison, so it must see each kind of mistake.
describe('documents against a book', () => {
  it('equal is equal, in one document or several', () => {
    expect(differences([doc([{ committed: 2, out: 1 }])], listings, book)).toEqual([]);
    expect(differences([doc([{ committed: 2 }]), doc([{ out: 1 }])], listings, book)).toEqual([]);
  });

  it.each([
    ['too little committed', [doc([{ committed: 1, out: 1, taken: 3 }])], 1],
    ['too much out', [doc([{ committed: 2, out: 2, taken: 3 }])], 1],
    ['a wrong idea of what the platform took', [doc([{ committed: 2, out: 1, taken: 2 }])], 1],
    ['nothing heard', [], 3],
    ['the wrong place', [doc([{ location: 'W2', committed: 2, out: 1 }])], 6],
    ['the wrong item', [doc([{ committed: 2, out: 1 }], '8')], 6],
    ['an unknown listing', [doc([{ committed: 2, out: 1 }]), doc([{ out: 1 }], '7')], 1],
    ['not a number', [doc([{ committed: 2, out: 1, taken: Number.NaN }])], 1],
    [
      'two errors that cancel out at no place',
      [
        doc([
          { committed: 2, out: 0 },
          { location: 'W2', out: 1 },
        ]),
      ],
      4,
    ],
  ])('sees %s', (_, docs, count) => {
    expect(differences(docs as Doc[], listings, book)).toHaveLength(count as number);
  });

  it('without a place it compares the sums', () => {
    expect(differences([doc([{ location: null, committed: 2, out: 1 }])], listings, book)).toEqual([]);
    expect(differences([doc([{ location: null, committed: 2, out: 2 }])], listings, book)).toHaveLength(2);
  });

  it('units that only "came back" may be on a shelf or not, and nothing beyond', () => {
    expect(differences([doc([{ committed: 2, out: 2, returned: 1 }])], listings, book)).toEqual([]);
    expect(differences([doc([{ committed: 2, out: 1, returned: 1, taken: 3 }])], listings, book)).toEqual([]);
    expect(differences([doc([{ committed: 2, out: 3, returned: 1 }])], listings, book)).toHaveLength(2);
    expect(differences([doc([{ committed: 2, out: 0, returned: 1 }])], listings, book)).toHaveLength(2);
  });
});
