import { afterEach, describe, expect, it, vi } from 'vitest';
import { toyPlatform } from '../../test/support/toy/index.ts';
import { type WorldEngine, worldEngine } from '../../test/support/world-engine.ts';
import { insertAttempts } from '../store/attempts.ts';
import { openDrifts } from '../store/drifts.ts';
import { adjust } from './stock.ts';

vi.setConfig({ testTimeout: 120_000 });
const MINUTE = 60_000;

const open: WorldEngine[] = [];
afterEach(async () => {
  for (const run of open.splice(0).reverse()) await run.close();
});

const leaseEpoch = async (run: WorldEngine, account: number) =>
  Number(
    (await run.db.query<{ epoch: number }>('select epoch from lease where name = $1', [`lane:${account}`]))[0]!.epoch,
  );

describe('a process that dies, or whose store fails, between sending a write and noting the answer', () => {
  it.each([
    ['cas', 'earlier'],
    ['delta', 'earlier'],
    ['blind', 'earlier'],
    ['delta', 'same'],
  ] as const)(
    '[I5] leaves a write that is found out about before its cell is written again, whatever is sold meanwhile (%s, by the %s holder)',
    async (mode, holder) => {
      const platforms = [toyPlatform('toyone', 'cas'), toyPlatform('toytwo', mode)];
      const run = await worldEngine({ platforms, items: 3 });
      open.push(run);
      await run.clock.advance(2 * MINUTE);
      await run.close();
      open.splice(0);

      const channel = run.world.channels[1]!;
      const account = run.engine.registry.byKey('toytwo', channel.sandbox.account)!;
      const place = [...account.places.values()].find((one) => one.locationIds.length > 0)!;
      const location = (
        await run.db.query<{ name: string }>('select name from location where id = $1', [place.locationIds[0]])
      )[0]!.name;
      const [cell] = await run.db.query<{ id: number; stockKey: string; shown: number; sku: string }>(
        `select c.id, c.stock_key as "stockKey", c.shown, l.sku from cell c
         join listing l on l.account_id = c.account_id and l.stock_key = c.stock_key
         where c.account_id = $1 and c.remote = $2 order by c.shown desc limit 1`,
        [account.row.id, place.remote],
      );
      const { id, stockKey, shown, sku } = cell!;
      const now = () =>
        channel.sandbox
          .shown()
          .filter((row) => row.sku === sku)
          .reduce((sum, row) => sum + row.available, 0);
      const before = now();
      // What such a death leaves: the ledger moved, the platform took the number, the attempt stands open.
      await run.clock.run(adjust(run.engine.context, { sku, location, units: -2, by: 'test' }));
      const write = { key: 'cut-off', want: shown - 2, expect: shown };
      // The next holder's epoch: as if it had sent the write itself, and the store had failed then.
      const epoch = holder === 'same' ? (await leaseEpoch(run, account.row.id)) + 1 : 0;
      const deadline = run.clock.now() + 15_000;
      const attempt = { cellId: id, accountId: account.row.id, ...write, mode, epoch, deadline };
      await insertAttempts(run.db, [attempt], run.clock.now());
      await run.clock.run(
        account.platform.pushLevels(account.client, account.config, [
          {
            cell: { stockKey, location: place.remote },
            ...write,
            asOf: new Date(run.clock.now()).toISOString(),
            why: 'sync',
          },
        ]),
      );
      expect(now()).toBe(before - 2);
      // Sold elsewhere while nothing runs: the next process wants to tell this very cell as soon as it starts.
      await run.clock.run(adjust(run.engine.context, { sku, location, units: -1, by: 'test' }));

      const again = await worldEngine({ platforms, after: run });
      open.push(again);
      await again.clock.advance(10 * MINUTE);
      expect(now()).toBe(before - 3);
      expect(await openDrifts(again.db, 10)).toEqual([]);
      expect(await again.db.query('select cell_id from attempt')).toEqual([]);
    },
  );
});
