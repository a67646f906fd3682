import { describe, expect, it } from 'vitest';
import { ledgerErrorUnits, toldErrorUnits, toldRows, truthOf } from './truth.ts';

const items = [
  { sku: 'mug', title: 'Mug', stock: { W1: 10, S1: 5 } },
  { sku: 'cup', title: 'Cup', stock: { W1: 2, S1: 0 } },
];
const places = { kind: 'places' as const, idOf: { W1: '681', S1: '682' } };
const pool = { kind: 'pool' as const, id: '700', of: ['W1', 'S1'] };
const told = [
  ...toldRows('a', places, [
    { sku: 'mug', location: '681', committed: 1, out: 2 },
    { sku: 'mug', location: '682', committed: 0, out: 1 },
  ]),
  ...toldRows('b', pool, [{ sku: 'mug', location: '-', committed: 3, out: 0.5 }]),
];
const right = [
  { sku: 'mug', onHand: 8, committed: 3 },
  { sku: 'mug', onHand: 3.5, committed: 1 },
  { sku: 'cup', onHand: 2, committed: 0 },
];

describe('truth', () => {
  it("sums all books in the owner's words, a pool's without a place", () => {
    expect(told.map((row) => row.location)).toEqual(['W1', 'S1', null]);
    expect(truthOf(items, told)).toEqual([
      { sku: 'mug', opening: 15, committed: 4, out: 3.5 },
      { sku: 'cup', opening: 2, committed: 0, out: 0 },
    ]);
    expect(() => toldRows('a', places, [{ sku: 'mug', location: '999', committed: 0, out: 0 }])).toThrow(/999/);
    expect(() => truthOf([], told)).toThrow(/not in the catalogue/);
  });

  it('a right ledger has no error; every unit of difference, either way and in either number, counts', () => {
    const truth = truthOf(items, told);
    expect(ledgerErrorUnits(truth, right)).toBe(0);
    const wrong = (change: Partial<(typeof right)[0]>) =>
      ledgerErrorUnits(truth, [{ ...right[0]!, ...change }, ...right.slice(1)]);
    expect(wrong({ onHand: 9 })).toBe(1);
    expect(wrong({ onHand: 7, committed: 5 })).toBe(3);
    expect(ledgerErrorUnits(truth, right.slice(0, 2))).toBe(2);
    expect(ledgerErrorUnits(truth, [...right, { sku: 'ghost', onHand: -4, committed: 1 }])).toBe(5);
    // Errors of two SKUs never cancel out.
    expect(
      ledgerErrorUnits(truth, [
        { sku: 'mug', onHand: 12.5, committed: 4 },
        { sku: 'cup', onHand: 1, committed: 0 },
      ]),
    ).toBe(2);
  });

  it('where a platform says the place, the ledger must say the same', () => {
    const posted = [
      { channel: 'a', sku: 'mug', location: 'W1', committed: 1, out: 2 },
      { channel: 'a', sku: 'mug', location: 'S1', committed: 0, out: 1 },
      { channel: 'b', sku: 'mug', location: 'S1', committed: 3, out: 0.5 },
    ];
    expect(toldErrorUnits(told, posted)).toBe(0);
    expect(toldErrorUnits(told, posted.slice(1))).toBe(3);
    // Booked at the wrong place: missing here and too much there, though the sum is right.
    expect(toldErrorUnits(told, [{ ...posted[0]!, location: 'S1' }, ...posted.slice(1)])).toBe(6);
    expect(toldErrorUnits(told, [...posted, { channel: 'a', sku: 'cup', location: 'W1', committed: 0, out: 1 }])).toBe(
      1,
    );
  });
});
