import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Part } from '../../domain/document.ts';
import { type LineFacts, partsOf } from './units.ts';

const A = '1';
const B = '2';

const line = (more: Partial<LineFacts>): LineFacts => ({
  current: 0,
  unfulfilled: 0,
  shipped: [],
  handedOver: [],
  assigned: [],
  planned: [],
  restocked: [],
  reshelved: [],
  notRestocked: 0,
  cancelled: false,
  counted: true,
  otherwise: { open: null, gone: null },
  ...more,
});

/** `A: 2 promised, 1 gone` … in the order of places. */
const said = (facts: Partial<LineFacts>): string =>
  partsOf(line(facts))
    .map((part: Part) => {
      expect(part.taken).toBe(facts.counted === false ? 0 : part.committed + part.out);
      const words = [
        part.committed && `${part.committed} promised`,
        part.out && `${part.out} gone`,
        part.returned && `${part.returned} returned`,
      ];
      return `${part.location ?? '?'}: ${words.filter(Boolean).join(', ')}`;
    })
    .sort()
    .join(' | ');

describe('what one order line asks of stock', () => {
  it('ordered: promised, at the place if it is known', () => {
    expect(said({ current: 2, unfulfilled: 2 })).toBe('?: 2 promised');
    expect(said({ current: 2, unfulfilled: 2, assigned: [{ location: A, units: 2 }] })).toBe('1: 2 promised');
    expect(
      said({
        current: 5,
        unfulfilled: 5,
        assigned: [
          { location: A, units: 2 },
          { location: B, units: 2 },
        ],
      }),
    ).toBe('1: 2 promised | 2: 2 promised | ?: 1 promised');
  });

  it('shipped in part, in whole, from two places; handed to a third party', () => {
    expect(said({ current: 3, unfulfilled: 2, shipped: [{ location: A, units: 1 }] })).toBe(
      '1: 1 gone | ?: 2 promised',
    );
    const both = [
      { location: A, units: 1 },
      { location: B, units: 2 },
    ];
    expect(said({ current: 3, shipped: both })).toBe('1: 1 gone | 2: 2 gone');
    expect(said({ current: 2, unfulfilled: 2, handedOver: [{ location: B, units: 1 }] })).toBe(
      '2: 1 promised | ?: 1 promised',
    );
  });

  it('refunds: cancelled units are free again, returned ones back at their place, the others stay gone', () => {
    expect(said({ current: 1, unfulfilled: 1 })).toBe('?: 1 promised');
    const shipped = [{ location: A, units: 2 }];
    expect(said({ current: 1, shipped, restocked: [{ location: B, units: 1 }] })).toBe('1: 2 gone | 2: -1 gone');
    expect(said({ current: 1, shipped, restocked: [{ location: A, units: 1 }] })).toBe('1: 1 gone');
    expect(said({ current: 1, shipped, notRestocked: 1 })).toBe('1: 2 gone');
  });

  it('a refund without restock says not whether its unit had been shipped: the count of unfulfilled ones does', () => {
    const facts = { current: 2, notRestocked: 1, shipped: [{ location: A, units: 1 }] };
    expect(said({ ...facts, unfulfilled: 2 })).toBe('1: 1 gone | ?: 2 promised');
    expect(said({ ...facts, unfulfilled: 1, planned: [{ location: B, units: 1 }] })).toBe(
      '1: 1 gone | 2: 1 gone | ?: 1 promised',
    );
    // An impossible count is not believed.
    expect(said({ ...facts, unfulfilled: 9 })).toBe('1: 1 gone | ?: 2 promised');
    expect(said({ ...facts, unfulfilled: -4 })).toBe('1: 1 gone | ?: 1 promised, 1 gone');
  });

  it('a cancelled order promises nothing; what no refund put back is gone', () => {
    expect(said({ current: 0, cancelled: true })).toBe('');
    expect(said({ current: 2, unfulfilled: 2, cancelled: true, planned: [{ location: A, units: 2 }] })).toBe(
      '1: 2 gone',
    );
    expect(said({ current: 2, unfulfilled: 2, cancelled: true, counted: false })).toBe('');
  });

  it('a parcel put on the shelf counts whether the refund came before, after or not at all', () => {
    const shipped = [{ location: A, units: 2 }];
    const reshelved = [{ location: B, units: 1 }];
    expect(said({ current: 2, shipped, reshelved })).toBe('1: 2 gone | 2: -1 gone');
    expect(said({ current: 1, notRestocked: 1, shipped, reshelved })).toBe('1: 2 gone | 2: -1 gone');
  });

  it('what Shopify does not count: never shipped is free, shipped and paid back may be anywhere', () => {
    const loose = { counted: false };
    expect(said({ ...loose, current: 2, unfulfilled: 2 })).toBe('?: 2 promised');
    expect(said({ ...loose, current: 1, unfulfilled: 1, notRestocked: 1 })).toBe('?: 1 promised');
    expect(said({ ...loose, current: 0, notRestocked: 1, shipped: [{ location: A, units: 1 }] })).toBe(
      '1: 1 gone, 1 returned',
    );
  });

  it('a till: units of which nothing else is known are at the till', () => {
    const otherwise = { open: A, gone: A };
    expect(said({ current: 1, shipped: [{ location: null, units: 1 }], otherwise })).toBe('1: 1 gone');
    expect(said({ current: 1, unfulfilled: 1, otherwise })).toBe('1: 1 promised');
  });
});

describe('whatever Shopify says', () => {
  const units = fc.integer({ min: 0, max: 40 });
  const placed = fc.array(fc.record({ location: fc.constantFrom(A, B, null), units }), { maxLength: 3 });
  const facts = fc.record<LineFacts>({
    current: units,
    unfulfilled: fc.integer({ min: -5, max: 60 }),
    shipped: placed,
    handedOver: placed,
    assigned: placed,
    planned: placed,
    restocked: placed,
    reshelved: placed,
    notRestocked: units,
    cancelled: fc.boolean(),
    counted: fc.boolean(),
    otherwise: fc.record({ open: fc.constantFrom(A, null), gone: fc.constantFrom(A, null) }),
  });
  const sum = (all: { units: number }[]) => all.reduce((total, one) => total + one.units, 0);

  it('the sum is what is left plus what was refunded without going back, less what was shelved', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const parts = partsOf({ ...given, counted: true });
        const asked = parts.reduce((total, part) => total + part.committed + part.out, 0);
        expect(asked).toBe(given.current + given.notRestocked - sum(given.reshelved));
        for (const part of parts) expect(part.committed).toBeGreaterThanOrEqual(0);
        expect(new Set(parts.map((part) => part.location)).size).toBe(parts.length);
      }),
    );
  });

  it('never promises more than is left, nor returns more than was paid back', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const parts = partsOf(given);
        expect(parts.reduce((total, part) => total + part.committed, 0)).toBeLessThanOrEqual(given.current);
        const returned = parts.reduce((total, part) => total + part.returned, 0);
        expect(returned).toBeGreaterThanOrEqual(0);
        expect(returned).toBeLessThanOrEqual(given.notRestocked);
      }),
    );
  });
});
