import type { World, WorldChannel } from '../../sandbox/index.ts';
import {
  accountOf,
  type Button,
  quietItem,
  type Sale,
  type Stage,
  sellOne,
  shownUnits,
  span,
  tellsOnce,
  until,
} from './stage.ts';

/** The webhooks of one platform get lost, each and all, until the button is pressed again. */
export function cutHooks(world: World): Button[] {
  const channels = whoTellsOnce(world);
  const [shop] = channels;
  if (!shop) return [];
  const { name } = shop.platform.facts;
  const names = channels.map((channel) => channel.name).join(' and ');
  const lost = () => channels.reduce((sum, { network }) => sum + network.counts.hooksLost, 0);
  let cut: { at: number; lost: number } | null = null;
  return [
    {
      id: 'cut-webhooks',
      label: () => (cut ? `Restore ${name}’s webhooks` : `Cut ${name}’s webhooks`),
      does: () =>
        cut
          ? `${lost() - cut.lost} webhooks of ${names} are lost so far. Press to end that, and to order something there.`
          : `Loses every webhook of ${names}, and orders something there.`,
      async press(stage) {
        const before = cut;
        cut = before ? null : { at: stage.clock.now(), lost: lost() };
        for (const { network } of channels) network.cutHooks(cut !== null);
        const sale = await anOrder(stage, shop);
        stage.doing(`An order of ${sale.sku} is placed in ${shop.name}: waiting for news of it.`);
        const after = span((await sale.heard()) - sale.at);
        if (before)
          return {
            sku: sale.sku,
            said: `${name}’s webhooks come through again, after ${lost() - before.lost} lost in ${span(sale.at - before.at)}; the next order, of ${sale.sku} in ${shop.name}, was heard ${after} after it was placed.`,
          };
        stage.doing(`The order of ${sale.sku} is heard; its webhook is still to be sent, and lost.`);
        await until(stage, 'the loss of a webhook', () => cut !== null && lost() > cut.lost);
        const { everyMs } = Object.values(accountOf(stage, shop).platform.facts.feeds).find(
          (feed) => feed.tells === 'orders',
        )!;
        return {
          sku: sale.sku,
          said: `${name}’s webhooks are lost from now on, and an order of ${sale.sku} in ${shop.name} was heard all the same, ${after} late: its list of orders is read every ${span(everyMs)} here, every ${span(everyMs * stage.factor)} in a real shop.`,
        };
      },
    },
  ];
}

async function anOrder(stage: Stage, shop: WorldChannel): Promise<Sale> {
  const item = await quietItem(stage, (row) => shownUnits(shop, row.sku) > 1);
  return sellOne(stage, shop, item.sku);
}

/** All accounts of the first platform that calls us and never repeats a call (else: that calls us), and can be asked. */
function whoTellsOnce(world: World): WorldChannel[] {
  const calling = world.channels.filter(
    ({ platform: { facts } }) =>
      facts.hooks.kind === 'webhook' && Object.values(facts.feeds).some((feed) => feed.tells === 'orders'),
  );
  const chosen = calling.find(({ platform }) => tellsOnce(platform.facts)) ?? calling[0];
  return calling.filter(({ platform }) => platform === chosen?.platform);
}
