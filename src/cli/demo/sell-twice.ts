import { adjust } from '../../engine/stock.ts';
import type { WorldChannel } from '../../sandbox/index.ts';
import { listLocationRows } from '../../store/catalogue.ts';
import { openNotices } from '../../store/notices.ts';
import { type StockRow, stockRows } from '../../store/overview.ts';
import {
  availableOf,
  type Button,
  quietItem,
  type Stage,
  shopper,
  shownUnits,
  span,
  type Told,
  tellsOnce,
  until,
} from './stage.ts';

/** So long after the first shopper the second one presses "buy". */
const APART_MS = 1_000;

/** The last unit of an item is sold in one shop and, a moment later, in a shop of another platform. */
export const sellTwice: Button = {
  id: 'sell-twice',
  label: () => 'Sell the last one twice',
  does: () => `Counts an item down to its last unit and sells it in two shops, ${span(APART_MS)} apart.`,
  async press(stage) {
    const [first, second] = twoShops(stage);
    stage.doing('Choosing an item that both shops show.');
    const item = await quietItem(
      stage,
      (row) => availableOf(row) > 1 && [first, second].every((shop) => shownUnits(shop, row.sku) > 0),
    );
    stage.doing(`Counting ${item.sku} down to its last unit.`);
    await leaveOne(stage, item);
    await until(stage, `both shops showing one ${item.sku}`, () =>
      [first, second].every((shop) => shownUnits(shop, item.sku) === 1),
    );
    stage.doing(`${first.name} and ${second.name} show one ${item.sku} each: selling it in both.`);
    return race(stage, item, first, second);
  },
};

async function race(stage: Stage, item: StockRow, first: WorldChannel, second: WorldChannel): Promise<Told> {
  const { id, sku } = item;
  const buyFirst = await shopper(stage, first, sku);
  const buyAgain = await shopper(stage, second, sku);
  const sale = buyFirst();
  if (sale.refused)
    return { sku, said: `${first.name} refused the last ${sku} (${sale.refused}): somebody was faster.` };
  let toldAt: number | null = null;
  while (stage.clock.now() < sale.at + APART_MS) {
    if (toldAt === null && shownUnits(second, sku) === 0) toldAt = stage.clock.now();
    await stage.clock.sleep(5, stage.signal);
  }
  const again = buyAgain();
  const heardAfter = span((await sale.heard()) - sale.at);
  const apart = span(again.at - sale.at);
  if (again.refused) {
    const told = toldAt === null ? '' : `${second.name} was told 0 after ${span(toldAt - sale.at)}, and `;
    return {
      sku,
      said: `${first.name} sold the last ${sku}, which was heard after ${heardAfter}; ${told}the second shopper, ${apart} after the first, was refused in ${second.name}: ${again.refused}.`,
    };
  }
  await again.heard();
  const row = await until(stage, 'the notice of a sale too many', async () => {
    const notices = await openNotices(stage.db, 200);
    const rows = await stockRows(stage.db, sku, '', 50);
    const told = notices.some((notice) => notice.code === 'oversell' && notice.itemId === id);
    return told && rows.find((one) => one.id === id);
  });
  return {
    sku,
    said: `Oversold by one, and said so: ${second.name} sold the last ${sku} ${apart} after ${first.name} did, whose order was heard after ${heardAfter} and could not be told there in time; both orders count, available is ${availableOf(row)}, and a person is told under “To look at”.`,
  };
}

/** Two of different platforms: first whoever calls us and would call again, second whoever minds an empty shelf most. */
function twoShops(stage: Stage): [WorldChannel, WorldChannel] {
  const care = { atomic: 0, racy: 1, no: 2 };
  const shops = stage.world.channels.filter(({ platform }) => platform.facts.push.mode !== 'none');
  const [second] = [...shops].sort(
    ({ platform: { facts: a } }, { platform: { facts: b } }) =>
      care[a.push.refusesBelowZero] - care[b.push.refusesBelowZero] || a.push.visibleAfterMs - b.push.visibleAfterMs,
  );
  const others = shops.filter(({ platform }) => platform !== second?.platform);
  const [first] = [
    ...others.filter(({ platform: { facts } }) => facts.hooks.kind === 'webhook' && !tellsOnce(facts)),
    ...others.filter(({ platform: { facts } }) => facts.hooks.kind === 'webhook'),
    ...others,
  ];
  if (!first || !second) throw new Error('it takes shops of two platforms');
  return [first, second];
}

/** A person counts the shelves: one unit beyond what is promised, at the first location. */
async function leaveOne(stage: Stage, item: StockRow): Promise<void> {
  const { context } = stage.engine;
  const names = new Map((await listLocationRows(context.db)).map((row) => [row.id, row.name]));
  const home = stage.world.locations[0]!.name;
  for (const level of item.levels) {
    const location = names.get(level.location)!;
    const change = (location === home ? 1 : 0) - (level.onHand - level.committed);
    if (change !== 0)
      await adjust(context, { sku: item.sku, location, units: change, by: 'demo', note: 'counted to the last one' });
  }
}
