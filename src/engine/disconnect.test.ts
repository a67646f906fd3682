import { afterEach, describe, expect, it, vi } from 'vitest';
import { toyPlatform } from '../../test/support/toy/index.ts';
import { type WorldEngine, worldEngine } from '../../test/support/world-engine.ts';
import { saveChannelSettings } from '../store/accounts.ts';
import { levelsOff } from '../store/history.ts';
import { markAccountDirty } from '../store/planning.ts';
import { addChannel } from './connect.ts';
import { disconnect } from './disconnect.ts';

vi.setConfig({ testTimeout: 120_000 });
const MINUTE = 60_000;

let run: WorldEngine | undefined;
afterEach(async () => {
  await run?.close();
  run = undefined;
});

/** Two shops; the second keeps two units of everything back, and has an open order for three. */
async function twoShops() {
  const world = await worldEngine({
    platforms: [toyPlatform('toyone', 'cas'), toyPlatform('toytwo', 'delta')],
    items: 3,
  });
  run = world;
  const { engine, clock, db } = world;
  await clock.advance(2 * MINUTE);
  const shop = world.world.channels[1]!;
  const account = engine.registry.byKey('toytwo', shop.sandbox.account)!;
  const [channel] = account.channels;
  await clock.run(saveChannelSettings(db, channel!.id, { ...channel!.settings, policy: { buffer: 2 } }));
  await clock.run(markAccountDirty(db, account.row.id, new Date(clock.now()).toISOString()));
  await clock.run(engine.settingsChanged());
  await clock.advance(2 * MINUTE);
  const units = () => shop.sandbox.shown().reduce((sum, row) => sum + row.available, 0);
  const [row] = shop.sandbox.shown().toSorted((a, b) => b.available - a.available);
  const bought = shop.sandbox.shopper.buy({ lines: [{ sku: row!.sku, quantity: 3 }], location: null, paid: true });
  expect(bought.ok).toBe(true);
  await clock.advance(2 * MINUTE);
  return { ...world, shop, account, channel: channel!, units, sku: row!.sku };
}

const committed = async ({ db }: WorldEngine) =>
  (await db.query<{ units: number }>('select coalesce(sum(committed), 0) as units from level'))[0]!.units;

describe('taking a channel away', () => {
  it('leaves its listings at their full numbers, its orders in the ledger, and nothing of it running', async () => {
    const shops = await twoShops();
    const { engine, clock, db, account, channel, units } = shops;
    const before = units();
    const left = await clock.run(disconnect(engine, account, channel, { leave: 'share', open: 'keep' }));
    expect(left).toMatchObject({ openOrders: 1, next: expect.stringContaining('stay promised') });
    // Two units of each were held back; now it shows all there are.
    const all = await db.query<{ units: number }>('select sum(on_hand - committed) as units from level');
    expect([units(), before < units()]).toEqual([all[0]!.units, true]);
    expect(engine.registry.byId(account.row.id)).toBeUndefined();
    expect(engine.lane(account.row.id)).toBeUndefined();
    expect(await committed(shops)).toBe(3);
    expect(await levelsOff(db)).toEqual([]);
    const [row] = await db.query<{ config: Buffer }>('select config from account where id = $1', [account.row.id]);
    expect(JSON.parse(Buffer.from(row!.config).toString())).toEqual({});
    // Sold there or elsewhere, nothing is heard or told any more.
    const shown = units();
    shops.shop.sandbox.shopper.buy({ lines: [{ sku: shops.sku, quantity: 1 }], location: null, paid: true });
    await clock.advance(5 * MINUTE);
    expect([units(), await committed(shops)]).toEqual([shown - 1, 3]);
  });

  it('what its open orders promised may be sold elsewhere, if a person says so', async () => {
    const shops = await twoShops();
    const { engine, clock, db, account, channel } = shops;
    await clock.run(disconnect(engine, account, channel, { leave: 'as-is', open: 'release' }));
    expect(await committed(shops)).toBe(0);
    expect(await levelsOff(db)).toEqual([]);
  });

  it('can be connected again: its orders are known, none is counted twice', async () => {
    const shops = await twoShops();
    const { engine, clock, db, account, channel, shop, world } = shops;
    await clock.run(disconnect(engine, account, channel, { leave: 'as-is', open: 'keep' }));
    const config = world.configOf(shop, 'https://hooks.example.com/hooks/toytwo');
    const again = await clock.run(addChannel(engine, { platform: 'toytwo', name: 'Again', config }));
    expect(again.channel).toMatchObject({ mode: 'watch' });
    await clock.advance(5 * MINUTE);
    expect(await committed(shops)).toBe(3);
    expect(await db.query('select stopped_reason from account where removed_at is not null')).toEqual([]);
  });
});
