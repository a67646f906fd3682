import { reconcile } from '../../engine/reconcile.ts';
import { why } from '../../engine/why.ts';
import type { WorldChannel } from '../../sandbox/index.ts';
import { openDrifts } from '../../store/drifts.ts';
import { skusOfCells } from '../../store/measure.ts';
import { accountOf, type Button, quietItem, shownUnits, span, units, until } from './stage.ts';

const TOO_MANY = 5;

/** Staff type another number into a channel's own admin: reconcile finds what no sale explains, and asks. */
export const editByHand: Button = {
  id: 'edit-by-hand',
  label: () => 'Edit a channel by hand',
  does: () => `Types ${TOO_MANY} units too many into a channel’s own admin, and reconciles that channel.`,
  async press(stage) {
    const channel = stage.world.channels.find(({ platform }) => platform.facts.push.mode !== 'none')!;
    const account = accountOf(stage, channel);
    const { db } = stage;
    const place = firstPlace(channel);
    stage.doing('Choosing an item that nobody buys just now.');
    const { sku } = await quietItem(stage, (row) => shownUnits(channel, row.sku) > 0);
    const shown = channel.sandbox.shown().find((row) => row.sku === sku && row.location === place)?.available ?? 0;
    const typed = shown + TOO_MANY;
    if (!channel.sandbox.shopper.edit(sku, place, typed)) throw new Error(`${channel.name} lets nobody edit ${sku}`);
    const editedAt = stage.clock.now();
    stage.doing(`Staff typed ${typed} over ${shown} for ${sku} in ${channel.name}: reconciling it.`);
    const report = await reconcile(stage.engine, account, channel.name, (read) =>
      stage.doing(`Reconciling ${channel.name}: ${read} levels read.`),
    );
    const keys = (await skusOfCells(db, account.row.id)).filter((row) => row.sku === sku).map((row) => row.stockKey);
    stage.doing(`${report.read} levels of ${channel.name} are read: waiting until every sale before that is heard.`);
    const drift = await until(stage, 'the difference being put before a person', async () =>
      (await openDrifts(db, 10_000)).find((one) => one.accountId === account.row.id && keys.includes(one.stockKey)),
    );
    const after = span(new Date(drift.at).getTime() - editedAt);
    const cell = (await why(stage.engine, sku)).cells.find(
      (one) => one.channel === account.channels[0]?.name && one.shows === drift.seen,
    );
    return {
      sku,
      said: `Staff typed ${typed} over ${shown} for ${sku} in ${channel.name}; of ${report.read} levels read there, this one has ${units(drift.units)} that no sale explains, so after ${after} a person was asked and nothing overwritten. Why says: “${cell?.sentence ?? 'nothing'}”`,
    };
  },
};

const firstPlace = ({ places }: WorldChannel): string =>
  places.kind === 'pool' ? places.id : Object.values(places.idOf)[0]!;
