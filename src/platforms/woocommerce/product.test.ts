import { describe, expect, it } from 'vitest';
import { levelOf, listingOf, productShape } from './product.ts';

const AT = '2026-11-24T00:00:00.000Z';
const parse = (members: Record<string, unknown>) => productShape.parse({ id: 141, name: 'Tee', sku: '', ...members });

describe('products', () => {
  it('a variation that sells from its parent shares the parent’s stock, which is told by the parent', () => {
    const variation = parse({ id: 142, parent_id: 141, type: 'variation', manage_stock: 'parent', stock_quantity: 4 });
    expect(listingOf(variation)).toMatchObject({ listing: '142', stockKey: '141', sku: null, tracked: true });
    expect(levelOf(variation, AT)).toBeUndefined();
    const parent = parse({ type: 'variable', parent_id: 0, manage_stock: true, stock_quantity: 4 });
    expect(listingOf(parent)).toBeUndefined();
    expect(levelOf(parent, AT)).toMatchObject({ stockKey: '141', location: '-', available: 4, tracked: true });
  });
  it('grouped, external and plain variable products are neither sold nor counted', () => {
    for (const type of ['grouped', 'external', 'variable']) {
      expect(listingOf(parse({ type, manage_stock: false }))).toBeUndefined();
      expect(levelOf(parse({ type, manage_stock: false }), AT)).toBeUndefined();
    }
  });
  it('sold below zero, in decimals, as text, with a long id', () => {
    const odd = parse({ id: '9007199254740993', type: 'simple', manage_stock: true, stock_quantity: '-2.5' });
    expect(levelOf(odd, AT)).toMatchObject({ stockKey: '9007199254740993', available: -2.5 });
  });
  it('an odd member hides neither its product nor its neighbours, and no number is not zero', () => {
    const odd = parse({ type: 'simple', name: 7, sku: ['x'], manage_stock: true, stock_quantity: 'plenty' });
    expect(listingOf(odd)).toMatchObject({ listing: '141', sku: null, unwritable: expect.any(String) });
    expect(levelOf(odd, AT)).toBeUndefined();
  });
  it('uncounted is listed as uncounted', () => {
    expect(listingOf(parse({ type: 'simple', manage_stock: false, stock_quantity: null }))).toMatchObject({
      tracked: false,
    });
  });
});
