import { describe, expect, it } from 'vitest';
import { ledgerFixture, order, START, stockOf } from '../../test/support/ledger-fixture.ts';
import type { AnyPlatform, RemoteListing } from '../platform/contract.ts';
import { mapListingsBySku, saveListings } from '../store/catalogue.ts';
import type { EngineContext } from './context.ts';
import { workFetches } from './fetches.ts';
import { refreshListings } from './listings.ts';
import { postStates } from './posting.ts';
import { openStock } from './stock.ts';
import { postMapped } from './unmapped.ts';

type Fixture = Awaited<ReturnType<typeof ledgerFixture>>;

const listing = (sku: string, more: Partial<RemoteListing> = {}): RemoteListing => ({
  listing: `one-${sku}`,
  stockKey: `one-${sku}`,
  sku,
  title: sku,
  tracked: true,
  ...more,
});

/** A fixture that also has an item D, and counts how often the catalogue is asked to be read again. */
async function fixtureWith(platform: Partial<AnyPlatform> = {}) {
  const fixture = await ledgerFixture({ platform });
  const asked: number[] = [];
  fixture.context.accounts.listingsChanged = (id) => void asked.push(id);
  await openStock(fixture.context, [{ sku: 'D', title: 'Item D', location: 'W1', units: 10 }], 'test');
  return { ...fixture, asked, one: fixture.accounts[0]! };
}

const heard = (fixture: Fixture, ...docs: ReturnType<typeof order>[]) =>
  fixture.db.transaction((tx) =>
    postStates(
      tx,
      fixture.context,
      docs.map((state) => ({ account: fixture.accounts[0]!, doc: state.doc, arrival: { how: 'carried' }, state })),
    ),
  );
const waiting = async ({ db }: Fixture) =>
  (await db.query<{ doc: string }>("select doc from document where unmapped <> '{}' order by doc")).map(
    ({ doc }) => doc,
  );
const notices = async ({ db }: { db: EngineContext['db'] }) =>
  (await db.query<{ code: string }>('select code from notice order by id')).map(({ code }) => code);

describe('orders of what nobody has mapped', () => {
  it('[I2] are kept, and posted once what they sell is mapped, from the state they are in by then', async () => {
    const fixture = await fixtureWith();
    const { one, db, context } = fixture;
    await heard(fixture, order(one, '1', 1, { A: { committed: 1 }, D: { committed: 3 } }));
    await heard(fixture, order(one, '1', 2, { A: { committed: 1 }, D: { committed: 1, out: 1 } }));
    expect(await waiting(fixture)).toEqual(['order:1']);
    expect(await stockOf(db, 'D')).toEqual({ onHand: 10, committed: 0 });
    expect((await postMapped(context, one)).documents).toEqual([]);

    await saveListings(db, one.row.id, [listing('D')], new Date(START).toISOString());
    await mapListingsBySku(db, one.row.id);
    const report = await postMapped(context, one);
    expect(report.documents.map(({ doc }) => doc)).toEqual(['order:1']);
    expect(report.items.size).toBe(1);
    expect(await stockOf(db, 'D')).toEqual({ onHand: 9, committed: 1 });
    expect(await stockOf(db, 'A')).toEqual({ onHand: 15, committed: 1 });
    expect(await waiting(fixture)).toEqual([]);

    expect((await postMapped(context, one)).documents).toEqual([]);
    await heard(fixture, order(one, '1', 3, { A: { committed: 1 }, D: { out: 2 } }));
    expect(await stockOf(db, 'D')).toEqual({ onHand: 8, committed: 0 });
  });

  it('ask for the catalogue once an hour for each listing that no walk has met, and not for one that a person left unmapped', async () => {
    const fixture = await fixtureWith();
    const { one, db, clock, asked } = fixture;
    await saveListings(db, one.row.id, [listing('KNOWN')], new Date(START).toISOString());
    await heard(fixture, order(one, '1', 1, { KNOWN: { committed: 1 } }));
    expect(asked).toEqual([]);
    await heard(fixture, order(one, '2', 1, { D: { committed: 1 } }), order(one, '3', 1, { D: { committed: 1 } }));
    await heard(fixture, order(one, '4', 1, { D: { committed: 1 } }));
    expect(asked).toEqual([one.row.id]);
    await heard(fixture, order(one, '5', 1, { E: { committed: 1 } }));
    expect(asked).toEqual([one.row.id, one.row.id]);
    await clock.advance(3_600_000);
    await heard(fixture, order(one, '6', 1, { D: { committed: 1 } }));
    expect(asked).toHaveLength(3);
  });

  it('the next walk maps what was sold and never met before, posts it, and touches no other listing', async () => {
    const onList = ['A', 'B', 'C', 'D', 'LEFT'].map((sku) => listing(sku));
    const fixture = await fixtureWith({
      listLocations: async () => [{ location: '-', name: 'pool', active: true }],
      listListings: async () => ({ items: onList, next: null }),
    });
    const { one, db, context } = fixture;
    await openStock(context, [{ sku: 'LEFT', title: 'Left out', location: 'W1', units: 4 }], 'test');
    await saveListings(db, one.row.id, [listing('LEFT')], new Date(START).toISOString());
    await heard(fixture, order(one, '1', 1, { D: { committed: 3 }, LEFT: { committed: 1 } }));
    const walk = await refreshListings(context, one);
    expect([walk.mapped, walk.posted.documents.length]).toEqual([1, 1]);
    expect(await stockOf(db, 'D')).toEqual({ onHand: 10, committed: 3 });
    expect(await stockOf(db, 'LEFT'), 'a person left it unmapped').toEqual({ onHand: 4, committed: 0 });
    expect(await waiting(fixture)).toEqual(['order:1']);
  });

  it('[I11] many are posted in portions, and one that is refused holds up no other', async () => {
    const fixture = await fixtureWith();
    const { one, db, context } = fixture;
    const many = Array.from({ length: 450 }, (_, index) => order(one, String(index), 1, { D: { committed: 1 } }));
    await heard(fixture, ...many, order(one, 'absurd', 1, { D: { committed: 1e15 } }));
    await saveListings(db, one.row.id, [listing('D')], new Date(START).toISOString());
    await mapListingsBySku(db, one.row.id);
    const report = await postMapped(context, one);
    expect(report.documents).toHaveLength(450);
    expect((await stockOf(db, 'D')).committed).toBe(450);
    expect(await waiting(fixture)).toEqual(['order:absurd']);
    expect(await notices(fixture)).toContain('mapped-order-refused');
  });
});

describe('an account that only sends', () => {
  const sender = (): Partial<AnyPlatform> => ({
    onlySends: () => true,
    listLocations: async () => [{ location: '-', name: 'pool', active: true }],
    listListings: async () => ({ items: [], next: null }),
    fetchDocument: () => Promise.reject(new Error('nothing may be asked')),
  });

  it('its listings are what its orders name; they are mapped by SKU, posted, and never retired', async () => {
    const fixture = await fixtureWith(sender());
    const { one, db, context } = fixture;
    await heard(fixture, order(one, '1', 1, { D: { committed: 2 }, UNHEARD: { committed: 1 } }));
    const first = await refreshListings(context, one);
    expect([first.mapped, first.retired, first.posted.documents.length]).toEqual([1, 0, 1]);
    expect(await stockOf(db, 'D')).toEqual({ onHand: 10, committed: 2 });
    await openStock(context, [{ sku: 'UNHEARD', title: 'Later', location: 'W1', units: 5 }], 'test');
    await refreshListings(context, one);
    expect(await stockOf(db, 'UNHEARD')).toEqual({ onHand: 5, committed: 1 });
    const rows = await db.query('select key, tracked from listing where account_id = $1 and retired_at is null', [
      one.row.id,
    ]);
    expect(rows).toContainEqual({ key: 'one-D', tracked: false });
  });

  it('is asked for no order; two states that claim to be equally new are put before a person', async () => {
    const fixture = await fixtureWith(sender());
    const { one, db, context } = fixture;
    await heard(fixture, order(one, '1', 1, { A: { committed: 2 } }));
    await heard(fixture, order(one, '1', 1, { A: { committed: 5 } }));
    expect(await workFetches(context, one, { add: () => Promise.reject(new Error('no answer')) } as never)).toBe(1);
    expect(await db.query('select doc from wish')).toEqual([]);
    expect(await notices(fixture)).toEqual(['order-unclear']);
    expect((await stockOf(db, 'A')).committed).toBe(2);
  });
});
