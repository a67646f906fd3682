import { removeAccount, removeChannel, saveChannelSettings } from '../store/accounts.ts';
import { openDocumentsOf } from '../store/ledger.ts';
import { markAccountDirty, waitingCells } from '../store/planning.ts';
import { type Account, type Channel, iso } from './context.ts';
import type { Engine } from './engine.ts';
import { postStates } from './posting.ts';
import { UserError } from './user-error.ts';

const LOOK_EVERY_MS = 200;
const PATIENCE_MS = 10 * 60_000;

export interface Leaving {
  /** `share`: each cell is told its whole number first, so that no buffer stays behind. `as-is`: nothing is written. */
  leave: 'share' | 'as-is';
  /** What its open orders have promised: `keep` it, or `release` it for the other channels. */
  open: 'keep' | 'release';
}

export interface Left {
  done: string;
  /** What was done at the platform, and what is left to do there by hand. */
  did: string[];
  openOrders: number;
  next: string;
}

/**
 * Takes a channel away, and with the last of its account the account: shows the full numbers, takes our webhooks back,
 * forgets the credentials. Its orders and movements stay in the ledger, so that every number can still be explained.
 * @throws UserError when its numbers could not be written in ten minutes; nothing is removed then
 */
export async function disconnect(engine: Engine, account: Account, channel: Channel, how: Leaving): Promise<Left> {
  const { context } = engine;
  const last = account.channels.length === 1;
  const did: string[] = [];
  if (how.leave === 'share' && channel.mode === 'live') {
    await showEverything(engine, account, channel);
    did.push('every listing shows its full number');
  } else did.push(`its listings keep the numbers they show (${channel.mode === 'live' ? 'as-is' : channel.mode})`);
  if (last) did.push(...(await takeHooksBack(engine, account)));
  const open = await openDocumentsOf(context.db, account.row.id, channel.id);
  if (how.open === 'release')
    await context.db.transaction((tx) =>
      postStates(
        tx,
        context,
        open.map((doc) => ({
          account,
          doc,
          arrival: { how: 'fetched' as const, startedAt: context.clock.now() },
          gone: true as const,
        })),
      ),
    );
  if (last) await engine.closeLane(account.row.id);
  await context.db.transaction(async (tx) => {
    await removeChannel(tx, channel.id);
    if (!last) return;
    // The secrets go for good; the row stays, since documents and movements refer to it.
    const nothing = engine.options.box.seal({}, `${account.row.platform}:${account.row.key}`);
    await removeAccount(tx, account.row.id, nothing, iso(context.clock.now()));
  });
  await engine.settingsChanged();
  engine.stockMoved();
  const kept = how.open === 'keep' && open.length > 0;
  return {
    done: `${channel.name} is removed`,
    did,
    openOrders: open.length,
    next: kept
      ? `${open.length} orders of it were open and stay promised: ship them, or take their units back with "onhand stock adjust".`
      : 'Its history stays: "onhand why SKU".',
  };
}

async function showEverything(engine: Engine, account: Account, channel: Channel): Promise<void> {
  const { context } = engine;
  await saveChannelSettings(context.db, channel.id, { ...channel.settings, policy: {} });
  await markAccountDirty(context.db, account.row.id, iso(context.clock.now()));
  await engine.settingsChanged();
  const until = context.clock.now() + PATIENCE_MS;
  for (;;) {
    const left = await waitingCells(context.db, account.row.id);
    if (left === 0) return;
    if (context.clock.now() > until || account.row.stoppedReason !== null)
      throw new UserError(
        'not-all-shown',
        `${left} numbers of ${channel.name} could not be written${account.row.stoppedReason ? `: ${account.row.stoppedReason}` : ' in ten minutes'}; it is not removed.`,
        'Try again later, or remove it as it is: onhand channel remove NAME --as-is --yes',
        409,
      );
    await context.clock.sleep(LOOK_EVERY_MS);
  }
}

/** What the vendor refuses is left to a person: a webhook that nobody answers does no harm. */
async function takeHooksBack(engine: Engine, account: Account): Promise<string[]> {
  const { platform } = account;
  const url = engine.hookUrl(account);
  if (!platform.unsubscribe || url === null) return [];
  try {
    return (await platform.unsubscribe(account.client, account.config, url)).did;
  } catch (error) {
    return [
      `our webhooks could not be taken back (${(error as Error).message}): remove them in ${platform.facts.name} by hand`,
    ];
  }
}
