import { type Mode, saveChannelMode } from '../store/accounts.ts';
import { closeNotice, tell } from '../store/notices.ts';
import { markAccountDirty } from '../store/planning.ts';
import { type Channel, type EngineContext, iso } from './context.ts';

/**
 * A person changes a channel's mode. Going live marks every cell, so the first plan is the whole list; `approved` says
 * that the person has seen that list, so the guard lets it pass once.
 */
export async function setChannelMode(
  context: EngineContext,
  channel: Channel,
  mode: Mode,
  reason: string | null,
  approved = false,
): Promise<void> {
  const at = iso(context.clock.now());
  await context.db.transaction(async (tx) => {
    await saveChannelMode(tx, channel.id, mode, reason, approved, at);
    if (mode === 'live') {
      await markAccountDirty(tx, channel.accountId, at);
      await closeNotice(tx, { code: 'lane-held', channelId: channel.id, accountId: channel.accountId }, at);
    }
  });
  channel.mode = mode;
  channel.modeReason = reason;
  channel.approved = approved;
  channel.modeAt = at;
  context.events.emit({ kind: 'channel', channelId: channel.id, mode, at });
  await context.db.wake('settings');
}

/** A guard stops the channel's writes; intake goes on; only a person makes it live again. */
export async function holdChannel(
  context: EngineContext,
  channel: Channel,
  reason: string,
  data: unknown,
): Promise<void> {
  await setChannelMode(context, channel, 'held', reason);
  const at = iso(context.clock.now());
  const text = `${channel.name} is held: ${reason}. Nothing is written there.`;
  await tell(
    context.db,
    {
      code: 'lane-held',
      accountId: channel.accountId,
      channelId: channel.id,
      text,
      next: `Look at the list: onhand channel check ${channel.name}. If it is right: onhand channel live ${channel.name} --yes. If not, correct the stock first.`,
      data,
    },
    at,
  );
  context.events.emit({ kind: 'notice', code: 'lane-held', text, at });
}
