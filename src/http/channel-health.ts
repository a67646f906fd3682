import type { Account, Channel } from '../engine/context.ts';
import type { Engine } from '../engine/engine.ts';

/** One channel as lists show it: how it does, since when, and what a person should do about it. */
export function healthOf(engine: Engine, account: Account, channel: Channel) {
  const lane = engine.lane(account.row.id)?.health();
  const life = engine.registry.lifeOf(account.row.id);
  const refused = life.refused ? `${life.refused.count} deliveries refused: ${life.refused.why}` : null;
  const stopped = account.row.stoppedReason;
  const failing = lane?.failing?.reason ?? null;
  const trouble = stopped ?? failing ?? refused;
  return {
    name: channel.name,
    platform: account.platform.facts.id,
    account: account.row.key,
    accountId: account.row.id,
    role: channel.role,
    mode: channel.mode,
    modeReason: channel.modeReason,
    healthy: trouble === null,
    trouble,
    next: nextStep(channel, { stopped, failing, refused }),
    heardAt: life.heardAt === null ? null : new Date(life.heardAt).toISOString(),
    heardUpTo: lane?.heardUpTo ?? null,
    lastPushAt: lane?.lastPushAt ?? null,
    settings: channel.settings,
    places: [...account.places.values()].map((place) => ({
      place: place.remote,
      name: place.name,
      locations: place.locationIds,
    })),
  };
}

function nextStep(
  { name, mode }: Channel,
  trouble: { stopped: string | null; failing: string | null; refused: string | null },
): string | null {
  const command = (what: string) => `onhand channel ${what} ${shellName(name)}`;
  if (trouble.stopped)
    return `Correct its credentials ("onhand channel add" with the same account), then: ${command('live')}.`;
  if (mode === 'held')
    return `Look at the list: ${command('check')}. If it is right: ${command('live')} --yes. If not, correct the stock first.`;
  if (trouble.failing) return `It is tried again by itself. What its platform says: ${command('check')}.`;
  if (trouble.refused) return `The sender's secret and ours differ: ${command('check')}.`;
  if (mode === 'watch') return `See what it would write: ${command('check')}. Then: ${command('live')}.`;
  if (mode === 'paused') return `To write again: ${command('resume')}.`;
  return null;
}

/** A name as it is typed in a shell. */
export const shellName = (name: string): string => (/^[\w.-]+$/.test(name) ? name : `"${name}"`);
