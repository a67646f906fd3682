import { afterEach, describe, expect, it, vi } from 'vitest';
import { toyPlatform } from '../../test/support/toy/index.ts';
import { type WorldEngine, worldEngine } from '../../test/support/world-engine.ts';
import { adjust } from './stock.ts';

vi.setConfig({ testTimeout: 120_000 });
const MINUTE = 60_000;

let run: WorldEngine | undefined;
afterEach(async () => {
  await run?.close();
  run = undefined;
});

describe('a reading that agrees', () => {
  it('asks for a new plan when the one before it started from another reading', async () => {
    const world = await worldEngine({ platforms: [toyPlatform('toyone', 'cas')], items: 1 });
    run = world;
    const { clock, db, engine } = world;
    await clock.advance(2 * MINUTE);
    const channel = world.world.channels[0]!;
    const account = engine.registry.byKey('toyone', channel.sandbox.account)!;
    const [cell] = await db.query<{ id: number; sku: string; remote: string; name: string; shown: number }>(
      `select c.id, l.sku, c.remote, lo.name, c.shown from cell c join listing l on l.account_id = c.account_id and l.stock_key = c.stock_key
       join place p on p.account_id = c.account_id and p.remote = c.remote join location lo on lo.id = p.location_ids[1]
       where c.account_id = $1 and c.shown > 0 and cardinality(p.location_ids) = 1 order by c.id limit 1`,
      [account.row.id],
    );
    const { id, sku, remote, name, shown } = cell!;
    const shows = () => channel.sandbox.shown().find((row) => row.sku === sku && row.location === remote)!.available;
    await clock.run(adjust(engine.context, { sku, location: name, units: -shown, by: 'test' }));
    await clock.advance(2 * MINUTE);
    expect(shows()).toBe(0);
    // As after a sale that came and went: the platform shows one, as we believe, but read when it was sold it showed none.
    // None was wanted then, and nothing had to be written.
    expect(channel.sandbox.shopper.edit(sku, remote, 1)).toBe(true);
    await db.query(
      'update cell set shown = 1, seen_value = 0, seen_at = $2::bigint, seen_clean = false, verify_at = $2::bigint where id = $1',
      [id, clock.now()],
    );
    await db.query('delete from dirty');
    await clock.advance(2 * MINUTE);
    expect(shows()).toBe(0);
  });
});
