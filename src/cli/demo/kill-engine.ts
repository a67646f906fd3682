import { receive } from '../../engine/stock.ts';
import type { WorldChannel } from '../../sandbox/index.ts';
import { writesBetween } from '../../store/measure.ts';
import { type Button, quietItem, type Sale, type Stage, sellOne, shownUnits, span, until } from './stage.ts';

/** So long the process stays dead. */
const DEAD_MS = 1_500;
const FAREWELL_MS = 600;
const DELIVERED = 5;

/** The process dies in the middle of everything and another one starts over the same store. */
export const killEngine: Button = {
  id: 'kill-engine',
  label: () => 'Kill the engine',
  does: () => `Kills the process, sells in two shops while nobody listens, and starts another ${span(DEAD_MS)} later.`,
  async press(stage) {
    stage.doing('Choosing what will be sold meanwhile.');
    const shops = twoPlatforms(stage);
    const goods: string[] = [];
    for (const shop of shops) goods.push((await quietItem(stage, (row) => shownUnits(shop, row.sku) > 2)).sku);
    const delivered = await quietItem(stage, (row) => row.cells.length > 0);
    stage.doing('The engine is killed now; two orders are placed while it is dead.');
    // The page, which asks the process that dies now, shall hear it first.
    await stage.clock.sleep(FAREWELL_MS, stage.signal);
    await stage.kill();
    const killedAt = stage.clock.now();
    const sales: Sale[] = [];
    try {
      for (const [nth, shop] of shops.entries()) sales.push(await sellOne(stage, shop, goods[nth]!));
      await stage.clock.sleep(DEAD_MS, stage.signal);
    } finally {
      stage.doing('Another process starts over the same store.');
      await stage.revive((engine) =>
        receive(engine.context, {
          sku: delivered.sku,
          location: stage.world.locations[0]!.name,
          units: DELIVERED,
          by: 'demo',
          note: 'arrived while the engine was dead',
        }),
      );
    }
    const { startedAt } = stage.engine;
    stage.doing('It reads what it missed, before any number goes up.');
    const caughtUpAt = await until(
      stage,
      'having read what was missed',
      () => stage.engine.mayRaise() && stage.clock.now(),
      2,
    );
    const heardAt = Math.max(...(await Promise.all(sales.map((sale) => sale.heard()))));
    const before = await writesBetween(stage.db, startedAt, caughtUpAt);
    const raisedAt = await until(stage, 'the first number going up', async () => {
      const { firstRaiseAt } = await writesBetween(stage.db, startedAt, stage.clock.now() + 1);
      return firstRaiseAt ?? undefined;
    });
    const sold = sales.map((sale) => `${sale.sku} in ${sale.channel.name}`).join(' and ');
    return {
      sku: sales[0]!.sku,
      said: `Dead for ${span(startedAt - killedAt)}; both orders placed meanwhile (${sold}) were heard within ${span(heardAt - startedAt)} of the new start, and ${before.raises === 0 ? 'no number was' : `${before.raises} numbers were`} told upward (${before.falls} downward) before every channel was read up to it, ${span(caughtUpAt - startedAt)} after: the first went up after ${span(raisedAt - startedAt)}.`,
    };
  },
};

/** The first shops of two platforms. */
function twoPlatforms({ world }: Stage): WorldChannel[] {
  const [first] = world.channels;
  const second = world.channels.find(({ platform }) => platform !== first!.platform);
  return [first!, second ?? world.channels.at(-1)!];
}
