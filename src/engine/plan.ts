import { exposure, wanted } from '../domain/exposure.ts';
import { plan as planWrite } from '../domain/shadow.ts';
import type { PlannedCell } from '../store/planning.ts';
import type { Account, Channel } from './context.ts';

/** What is to be done about one cell. */
export type Plan =
  | { do: 'nothing'; reason: string }
  | { do: 'read' }
  | { do: 'write'; cell: PlannedCell; channel: Channel; want: number; expect: number; value: number };

/** The channel that speaks for a cell: the first of the account that sells; its mode decides whether anything is written. */
export function planCell(account: Account, cell: PlannedCell, now: number): Plan {
  const channel = account.channels.find((one) => cell.channelIds.includes(one.id));
  if (!channel) return { do: 'nothing', reason: 'no channel of this account sells' };
  const blocked = account.channels.find((one) => cell.channelIds.includes(one.id) && one.mode === 'held');
  if (blocked) return { do: 'nothing', reason: `${blocked.name} is held: ${blocked.modeReason ?? ''}` };
  if (!account.channels.some((one) => cell.channelIds.includes(one.id) && one.mode === 'live'))
    return { do: 'nothing', reason: `${channel.name} is in mode ${channel.mode}` };
  if (account.platform.facts.push.mode === 'none') return { do: 'nothing', reason: 'the platform takes no stock' };
  if (cell.draws.length === 0) return { do: 'nothing', reason: 'not mapped' };
  if (cell.unwritable) return { do: 'nothing', reason: cell.unwritable };
  if (!cell.tracked) return { do: 'nothing', reason: 'the platform does not count this item' };
  if (!cell.active) return { do: 'nothing', reason: 'the place is closed there' };
  const { aside } = cell.cell;
  if (aside && (aside.retryAt === null || aside.retryAt > now)) return { do: 'nothing', reason: aside.reason };
  if (cell.cell.shadow.shown === null || cell.cell.shadow.unknown !== null) return { do: 'read' };
  const facts = account.platform.facts.push;
  const want = wanted(exposure(cell.draws, channel.settings.policy, facts.decimals), cell.cell.untaken, facts);
  const write = planWrite(cell.cell.shadow, want);
  if (!write || want === cell.cell.shadow.shown) return { do: 'nothing', reason: 'already shown' };
  // A reading below what we believe can put the corrected value under the floor; the judge will sort it out.
  const value = Math.min(Math.max(write.value, facts.min), facts.max);
  if (value === write.expect) return { do: 'nothing', reason: 'already shown' };
  return { do: 'write', cell, channel, want, expect: write.expect, value };
}
