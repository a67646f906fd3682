import { describe, expect, it } from 'vitest';
import { ledgerFixture, order, START, stockOf } from '../../test/support/ledger-fixture.ts';
import { levelsOff } from '../store/history.ts';
import type { Arriving } from './posting.ts';
import { postStates } from './posting.ts';
import { count, receive } from './stock.ts';

type Fixture = Awaited<ReturnType<typeof ledgerFixture>>;

const carried = (fixture: Fixture, which: 0 | 1, ...docs: ReturnType<typeof order>[]): Arriving[] =>
  docs.map((state) => ({ account: fixture.accounts[which]!, doc: state.doc, arrival: { how: 'carried' }, state }));
const post = (fixture: Fixture, arriving: Arriving[]) =>
  fixture.db.transaction((tx) => postStates(tx, fixture.context, arriving));
const fetches = (fixture: Fixture) =>
  fixture.db.query<{ doc: string; reason: string }>('select doc, reason from wish order by doc');
const dirty = async (fixture: Fixture) =>
  (
    await fixture.db.query<{ stock_key: string }>(
      'select c.stock_key from dirty d join cell c on c.id = d.cell_id order by 1',
    )
  ).map((row) => row.stock_key);

describe('posting on a real store', () => {
  it('[I2] the same order delivered three times, also in one batch, counts once', async () => {
    const fixture = await ledgerFixture();
    const [one] = fixture.accounts;
    const sale = order(one!, '1', 1, { A: { committed: 2 } });
    await post(fixture, carried(fixture, 0, sale, sale));
    await post(fixture, carried(fixture, 0, sale));
    expect(await stockOf(fixture.db, 'A')).toEqual({ onHand: 15, committed: 2 });
    const sums = await fixture.db.query(
      "select document_id, line, sum(committed) as committed from movement where reason = 'sale' group by 1, 2",
    );
    expect(sums).toEqual([{ document_id: 1, line: '1', committed: 2 }]);
  });

  it('[I1] levels are the sum of their movements after sales, shipments, restocks, receipts and counts', async () => {
    const fixture = await ledgerFixture();
    const [one, two] = fixture.accounts;
    await post(fixture, carried(fixture, 0, order(one!, '1', 1, { A: { committed: 2 }, B: { committed: 20 } })));
    await post(fixture, carried(fixture, 0, order(one!, '1', 2, { A: { out: 2 }, B: { committed: 5, out: 15 } })));
    await post(fixture, carried(fixture, 1, order(two!, '1', 1, { A: { out: 1 }, C: { committed: 0.5 } })));
    await receive(fixture.context, { sku: 'A', location: 'W2', units: 7, by: 'test' });
    await count(fixture.context, { sku: 'C', location: 'W1', units: 8.25, by: 'test' });
    expect(await levelsOff(fixture.db)).toEqual([]);
    expect(await stockOf(fixture.db, 'A')).toEqual({ onHand: 19, committed: 0 });
    expect(await stockOf(fixture.db, 'B')).toEqual({ onHand: 0, committed: 5 });
    expect(await stockOf(fixture.db, 'C')).toEqual({ onHand: 13.25, committed: 0.5 });
  });

  it('[I1] a movement cannot be changed or deleted', async () => {
    const fixture = await ledgerFixture();
    await expect(fixture.db.query('update movement set on_hand = 0')).rejects.toThrow(/never changed/);
    await expect(fixture.db.query('delete from movement')).rejects.toThrow(/never changed/);
    expect(await levelsOff(fixture.db)).toEqual([]);
  });

  it('stale and reordered states change nothing; equal revisions with other content are asked for', async () => {
    const fixture = await ledgerFixture();
    const [one] = fixture.accounts;
    await post(fixture, carried(fixture, 0, order(one!, '1', 5, { A: { committed: 3 } })));
    await post(fixture, carried(fixture, 0, order(one!, '1', 4, { A: { committed: 9 } })));
    expect((await stockOf(fixture.db, 'A')).committed).toBe(3);
    expect(await fetches(fixture)).toEqual([]);
    await post(fixture, carried(fixture, 0, order(one!, '1', 5, { A: { committed: 9 } })));
    expect((await stockOf(fixture.db, 'A')).committed).toBe(3);
    expect(await fetches(fixture)).toEqual([{ doc: 'order:1', reason: 'order unclear' }]);
  });

  it('the account is part of the key: two accounts may have an order 1 each', async () => {
    const fixture = await ledgerFixture();
    const [one, two] = fixture.accounts;
    await post(fixture, [
      ...carried(fixture, 0, order(one!, '1', 1, { A: { committed: 1 } })),
      ...carried(fixture, 1, order(two!, '1', 1, { A: { committed: 1 } })),
    ]);
    expect((await stockOf(fixture.db, 'A')).committed).toBe(2);
  });

  it('marks every cell that draws on what moved, the origin too, and nothing else', async () => {
    const fixture = await ledgerFixture();
    await fixture.db.query('delete from dirty');
    await post(fixture, carried(fixture, 0, order(fixture.accounts[0]!, '1', 1, { A: { committed: 1 } })));
    expect(await dirty(fixture)).toEqual(['one-A', 'two-A']);
  });

  it('an order of an unmapped listing is kept, and its unknown SKU changes no stock', async () => {
    const fixture = await ledgerFixture();
    await post(
      fixture,
      carried(fixture, 0, order(fixture.accounts[0]!, '1', 1, { A: { committed: 1 }, X: { committed: 4 } })),
    );
    expect((await stockOf(fixture.db, 'A')).committed).toBe(1);
    expect(await fixture.db.query('select doc, unmapped from document')).toEqual([
      { doc: 'order:1', unmapped: ['one-X'] },
    ]);
  });

  it("a copy of another channel's order posts nothing", async () => {
    const fixture = await ledgerFixture();
    const [one, two] = fixture.accounts;
    await post(fixture, carried(fixture, 0, order(one!, '1', 1, { A: { committed: 2 } })));
    await post(
      fixture,
      carried(fixture, 1, order(two!, '77', 1, { A: { committed: 2 } }, { origin: { source: 'one', id: '1' } })),
    );
    expect((await stockOf(fixture.db, 'A')).committed).toBe(2);
  });

  it('what was sold before the opening and already gone is not counted; what was still promised is', async () => {
    const fixture = await ledgerFixture();
    const before = { saleAt: new Date(START - 3_600_000).toISOString() };
    await post(
      fixture,
      carried(fixture, 0, order(fixture.accounts[0]!, '1', 1, { A: { out: 2 }, B: { committed: 3 } }, before)),
    );
    expect(await stockOf(fixture.db, 'A')).toEqual({ onHand: 15, committed: 0 });
    expect(await stockOf(fixture.db, 'B')).toEqual({ onHand: 15, committed: 3 });
    await post(
      fixture,
      carried(fixture, 0, order(fixture.accounts[0]!, '1', 2, { A: { out: 1 }, B: { out: 3 } }, before)),
    );
    expect(await stockOf(fixture.db, 'A')).toEqual({ onHand: 16, committed: 0 });
    expect(await stockOf(fixture.db, 'B')).toEqual({ onHand: 12, committed: 0 });
  });

  it('a count holds at its time: a till sale made before it and heard after it changes nothing', async () => {
    const fixture = await ledgerFixture();
    await fixture.clock.advance(60_000);
    await count(fixture.context, { sku: 'A', location: 'W1', units: 9, by: 'test' });
    const early = { saleAt: new Date(START + 1_000).toISOString() };
    await post(fixture, carried(fixture, 0, order(fixture.accounts[0]!, '1', 1, { A: { out: 1 } }, early)));
    expect((await stockOf(fixture.db, 'A')).onHand).toBe(14);
    const late = { saleAt: new Date(START + 61_000).toISOString() };
    await post(fixture, carried(fixture, 0, order(fixture.accounts[0]!, '2', 1, { A: { out: 1 } }, late)));
    expect((await stockOf(fixture.db, 'A')).onHand).toBe(13);
    expect(await levelsOff(fixture.db)).toEqual([]);
  });

  it('gone promises nothing any more, keeps what left, and a later state undoes it', async () => {
    const fixture = await ledgerFixture();
    const [one] = fixture.accounts;
    await post(fixture, carried(fixture, 0, order(one!, '1', 1, { A: { committed: 2, out: 1 } })));
    await post(fixture, [
      { account: one!, doc: 'order:1', arrival: { how: 'fetched', startedAt: START + 9_000 }, gone: true },
    ]);
    expect(await stockOf(fixture.db, 'A')).toEqual({ onHand: 14, committed: 0 });
    await post(fixture, carried(fixture, 0, order(one!, '1', 2, { A: { committed: 2, out: 1 } })));
    expect(await stockOf(fixture.db, 'A')).toEqual({ onHand: 14, committed: 2 });
  });

  it('a sale beyond stock is recorded as what it is, and told', async () => {
    const fixture = await ledgerFixture();
    await post(fixture, carried(fixture, 0, order(fixture.accounts[0]!, '1', 1, { A: { committed: 40 } })));
    expect(await stockOf(fixture.db, 'A')).toEqual({ onHand: 15, committed: 40 });
    expect(await fixture.db.query('select code from notice')).toEqual([{ code: 'oversell' }]);
  });
});
