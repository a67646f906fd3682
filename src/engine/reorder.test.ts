import { beforeEach, describe, expect, it } from 'vitest';
import { type LedgerFixture, ledgerFixture, order, START } from '../../test/support/ledger-fixture.ts';
import type { Part } from '../domain/document.ts';
import { postStates } from './posting.ts';
import { computeReorder, recomputeReorders, reorderList, setReorder, unsetReorder } from './reorder.ts';
import { adjust, receive } from './stock.ts';

const DAY = 86_400_000;
const RULE = { leadDays: 9, leadDeviationDays: 0, service: 0.95, reviewDays: 7 };

let fixture: LedgerFixture;
beforeEach(async () => {
  fixture = await ledgerFixture();
});

let revision = 1;
/** One state of an order of the first shop, heard now, sold when it says. */
async function post(id: string, saleAt: number, lines: Record<string, Partial<Part>>) {
  const account = fixture.accounts[0]!;
  const state = order(account, id, revision++, lines, { saleAt: new Date(saleAt).toISOString() });
  await fixture.db.transaction((tx) =>
    postStates(tx, fixture.context, [{ account, doc: state.doc, state, arrival: { how: 'carried' } }]),
  );
}

const list = (low = false) => reorderList(fixture.db, { low, limit: 100 });

describe('by hand', () => {
  it('says what is low and what to order, by what is available at the location', async () => {
    await setReorder(fixture.context, { sku: 'A', location: 'W1', point: 4, upTo: 20, by: 'test' });
    await setReorder(fixture.context, { sku: 'B', location: 'W2', point: 5, upTo: 8, by: 'test' });
    expect(
      (await list()).map(({ sku, location, available, low, order }) => [sku, location, available, low, order]),
    ).toEqual([
      ['A', 'W1', 10, false, 0],
      ['B', 'W2', 5, true, 3],
    ]);
    await post('1', START, { A: { committed: 6 } });
    expect(await list(true)).toMatchObject([
      { sku: 'A', available: 4, onHand: 10, committed: 6, order: 16, rule: null },
      { sku: 'B' },
    ]);
    await receive(fixture.context, { sku: 'A', location: 'W1', units: 1, by: 'test' });
    expect((await list(true)).map(({ sku }) => sku)).toEqual(['B']);
    expect(await reorderList(fixture.db, { location: 'W1', low: true, limit: 10 })).toEqual([]);
  });

  it('takes the last word, and can be taken back once', async () => {
    const where = { sku: 'A', location: 'W1' };
    await setReorder(fixture.context, { ...where, point: 4, upTo: 20, by: 'test' });
    await setReorder(fixture.context, { ...where, point: 0, upTo: 2.5, by: 'test' });
    expect(await list()).toMatchObject([{ point: 0, upTo: 2.5 }]);
    await unsetReorder(fixture.context, where);
    expect(await list()).toEqual([]);
    await expect(unsetReorder(fixture.context, where)).rejects.toMatchObject({ code: 'no-reorder', status: 404 });
  });

  it.each([
    [{ point: 5, upTo: 4 }, 'reorder-invalid'],
    [{ point: -1, upTo: 4 }, 'quantity-invalid'],
    [{ point: 1, upTo: Number.NaN }, 'quantity-invalid'],
    [{ point: 1, upTo: 2e9 }, 'quantity-invalid'],
    [{ point: 1, upTo: 2, sku: 'Z' }, 'unknown-item'],
    [{ point: 1, upTo: 2, location: 'Moon' }, 'unknown-location'],
  ])('refuses %j', async (change, code) => {
    await expect(
      setReorder(fixture.context, { sku: 'A', location: 'W1', by: 'test', ...change }),
    ).rejects.toMatchObject({ code });
  });
});

describe('from what was sold', () => {
  it('counts each sale once on its own UTC day, less what was cancelled or came back; zero days from the first sale on', async () => {
    await adjust(fixture.context, { sku: 'A', location: 'W1', units: 90, by: 'test' });
    const midnight = START + 30 * DAY - (START % DAY);
    await fixture.clock.advance(midnight + 12 * 3_600_000 - START);
    const day = (back: number, ms = 0) => midnight - back * DAY + ms;
    // Ten whole days back, in its last millisecond: promised first, shipped later, one sale of four.
    await post('1', day(9, -1), { A: { committed: 4 } });
    await post('1', day(9, -1), { A: { committed: 1, out: 3 } });
    // Of three two were cancelled; of five one came back to the shelf.
    await post('2', day(6, 0), { A: { committed: 3 } });
    await post('2', day(6, 0), { A: { committed: 1 } });
    await post('3', day(2, DAY - 1), { A: { out: 5 } });
    await post('3', day(2, DAY - 1), { A: { out: 4 } });
    // Today is not over; what people do by hand is no sale.
    await post('4', midnight, { A: { committed: 7 } });
    await adjust(fixture.context, { sku: 'A', location: 'W1', units: -20, by: 'test' });
    const line = await computeReorder(fixture.context, { sku: 'A', location: 'W1', rule: RULE, by: 'test' });
    // 4 0 0 0 1 0 0 0 4 0: 9 in ten days; squares 33 − 10 × 0.81 over nine.
    const [mean, deviation] = [0.9, Math.sqrt((33 - 8.1) / 9)];
    expect(line.basis).toMatchObject({ days: 10, mean });
    expect(line.basis!.deviation).toBeCloseTo(deviation, 5);
    const z = 1.6448536269514722;
    expect(line.basis!.safetyStock).toBeCloseTo(z * deviation * 3, 4);
    expect([line.point, line.upTo]).toEqual([
      Math.ceil(mean * 9 + z * deviation * 3),
      Math.ceil(mean * 16 + z * deviation * 4),
    ]);
    expect(line.rule).toEqual(RULE);
  });

  it('is refused where less than a week was sold, and keeps a location apart from the others', async () => {
    await fixture.clock.advance(60 * DAY);
    const now = fixture.clock.now();
    await post('1', now - 6 * DAY, { A: { committed: 1 } });
    await expect(
      computeReorder(fixture.context, { sku: 'A', location: 'W1', rule: RULE, by: 'test' }),
    ).rejects.toMatchObject({ code: 'too-few-sales' });
    await post('2', now - 30 * DAY, { A: { committed: 1 } });
    expect(
      (await computeReorder(fixture.context, { sku: 'A', location: 'W1', rule: RULE, by: 'test' })).basis,
    ).toMatchObject({ days: 30 });
    await expect(
      computeReorder(fixture.context, { sku: 'A', location: 'W2', rule: RULE, by: 'test' }),
    ).rejects.toMatchObject({ code: 'too-few-sales' });
  });

  it('is computed again on another day, once; what people set by hand stays; without sales the old levels stay', async () => {
    await fixture.clock.advance(60 * DAY);
    await post('1', fixture.clock.now() - 20 * DAY, { A: { committed: 2 } });
    const before = await computeReorder(fixture.context, { sku: 'A', location: 'W1', rule: RULE, by: 'test' });
    await setReorder(fixture.context, { sku: 'B', location: 'W1', point: 3, upTo: 9, by: 'test' });
    expect(await recomputeReorders(fixture.context)).toBe(0);
    await post('2', fixture.clock.now(), { A: { committed: 8 } });
    await fixture.clock.advance(DAY);
    expect(await recomputeReorders(fixture.context)).toBe(1);
    expect(await recomputeReorders(fixture.context)).toBe(0);
    const [after, byHand] = await list();
    expect(after!.basis).toMatchObject({ days: 21, mean: 0.47619 });
    expect(after!.point).toBeGreaterThan(before.point);
    expect(byHand).toMatchObject({ sku: 'B', point: 3, upTo: 9, basis: null });
    await fixture.clock.advance(100 * DAY);
    expect(await recomputeReorders(fixture.context)).toBe(1);
    expect((await list())[0]).toMatchObject({ point: after!.point, basis: after!.basis });
  });
});
