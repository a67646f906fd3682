import { describe, expect, it } from 'vitest';
import { acknowledged, mayStart, posted, type Rights, refused, sent, settled, type WriteMode } from './rights.ts';

/**
 * Exhaustive search over all interleavings of two channels that share S units: sales, late orders, one write in flight
 * per channel. The platform refuses to sell at level 0. If any order of events sells more than S, the story is printed.
 */
interface Channel {
  level: number;
  unheard: number;
  shadow: number;
  rights: Rights;
  write: { expect: number; want: number; applied: boolean; ok: boolean; after: number; unheardThen: number } | null;
  settling: { unheardThen: number } | null;
}
interface State {
  available: number;
  sold: number;
  channels: [Channel, Channel];
}
type Rule = 'table' | 'raise what was freed';

function* steps(state: State, mode: WriteMode, rule: Rule, units: number): Generator<[string, State]> {
  for (const index of [0, 1] as const) {
    const name = 'AB'[index];
    const change = (edit: (own: Channel, next: State) => void): State => {
      const next = structuredClone(state);
      edit(next.channels[index], next);
      return next;
    };
    const own = state.channels[index];
    const other = state.channels[1 - index]!;
    if (own.level > 0)
      yield [
        `${name} sells`,
        change((c, s) => {
          c.level -= 1;
          c.unheard += 1;
          s.sold += 1;
        }),
      ];
    if (own.unheard > 0)
      yield [
        `order of ${name} posted`,
        change((c, s) => {
          c.unheard -= 1;
          c.shadow -= 1;
          s.available -= 1;
          c.rights = posted(c.rights, 1);
          if (c.settling && c.settling.unheardThen > 0) c.settling.unheardThen -= 1;
          if (c.write?.applied && c.write.unheardThen > 0) c.write.unheardThen -= 1;
        }),
      ];
    if (!own.write && !own.settling)
      for (let want = 0; want <= units; want += 1) {
        if (want === own.shadow && rule !== 'table') continue;
        const write = { mode, expect: own.shadow, want };
        const allowed =
          rule === 'table'
            ? mayStart(own.rights, write, other.rights.held, state.available)
            : want < own.shadow ||
              (own.unheard === 0 && want - own.shadow <= state.available - own.rights.held - other.rights.held);
        if (!allowed) continue;
        yield [
          `${name}: ${own.shadow} → ${want} sent`,
          change((c) => {
            c.rights =
              rule === 'table'
                ? sent(c.rights, write)
                : { ...c.rights, held: c.rights.held + Math.max(0, want - c.shadow) };
            c.write = { expect: c.shadow, want, applied: false, ok: true, after: 0, unheardThen: 0 };
          }),
        ];
      }
    if (own.write && !own.write.applied)
      yield [
        `${name} applies it`,
        change((c) => {
          const write = c.write!;
          write.applied = true;
          write.unheardThen = c.unheard;
          if (mode === 'delta') c.level += write.want - write.expect;
          else if (mode === 'cas') {
            write.ok = c.level === write.expect;
            if (write.ok) c.level = write.want;
          } else c.level = write.want;
          write.after = c.level;
        }),
      ];
    if (own.write?.applied)
      yield [
        `${name} answers`,
        change((c) => {
          const { expect: from, want, ok, after, unheardThen } = c.write!;
          const write = { mode, expect: from, want };
          c.write = null;
          if (!ok) {
            c.rights = refused(c.rights, write);
            return;
          }
          c.shadow += want - from;
          if (mode === 'blind') {
            c.shadow = want;
            c.settling = { unheardThen };
          }
          if (rule === 'table') c.rights = acknowledged(c.rights, write, 0, after);
          else if (want < from) c.rights = { ...c.rights, held: c.rights.held - (from - want) };
        }),
      ];
    if (own.settling && own.settling.unheardThen === 0)
      yield [
        `${name} settled`,
        change((c) => {
          c.settling = null;
          if (rule === 'table') c.rights = settled(c.rights, 0);
        }),
      ];
  }
}

function search(mode: WriteMode, rule: Rule, units: number): { states: number; story: string[] | null } {
  const channel = (level: number): Channel => ({
    level,
    unheard: 0,
    shadow: level,
    rights: { held: level, pending: null },
    write: null,
    settling: null,
  });
  const start: State = { available: units, sold: 0, channels: [channel(2), channel(units - 2)] };
  const seen = new Map<string, [string, string] | null>([[JSON.stringify(start), null]]);
  let frontier = [start];
  while (frontier.length > 0) {
    const next: State[] = [];
    for (const state of frontier) {
      const from = JSON.stringify(state);
      for (const [event, reached] of steps(state, mode, rule, units)) {
        const key = JSON.stringify(reached);
        if (seen.has(key)) continue;
        seen.set(key, [from, event]);
        if (reached.sold > units) {
          const story: string[] = [];
          for (let at: string | undefined = key; at && seen.get(at); at = seen.get(at)![0])
            story.unshift(seen.get(at)![1]);
          return { states: seen.size, story };
        }
        next.push(reached);
      }
    }
    frontier = next;
  }
  return { states: seen.size, story: null };
}

describe('rights, by exhaustive search of two channels', () => {
  it.each(['cas', 'delta', 'blind'] as const)('[I6] the table never oversells with %s writes', (mode) => {
    const { states, story } = search(mode, 'table', 3);
    expect(story).toBeNull();
    expect(states).toBeGreaterThan(100);
  });

  it('finds the oversell of the plain rule "lower first, raise what was freed" with blind writes', () => {
    const { story } = search('blind', 'raise what was freed', 3);
    expect(story).not.toBeNull();
    expect(story!.length).toBeLessThanOrEqual(8);
  });
});

describe('rights, rule by rule', () => {
  const held = (value: number): Rights => ({ held: value, pending: null });

  it('a guarded rise counts from sending and is undone when refused', () => {
    const write = { mode: 'cas' as const, expect: 3, want: 5 };
    expect(sent(held(3), write).held).toBe(5);
    expect(refused(sent(held(3), write), write).held).toBe(3);
  });

  it('a delta that went below zero frees only what was really there', () => {
    const write = { mode: 'delta' as const, expect: 5, want: 1 };
    expect(acknowledged(held(5), write, 0, -2).held).toBe(3);
    expect(acknowledged(held(5), write, 0, 1).held).toBe(1);
  });

  it('[I7] a blind write holds old and new value until settled, and only 0 may follow before', () => {
    const write = { mode: 'blind' as const, expect: 4, want: 2 };
    const pending = acknowledged(sent(held(4), write), write, 1_000);
    expect(pending.held).toBe(6);
    expect(mayStart(pending, { ...write, want: 1 }, 0, 100)).toBe(false);
    expect(settled(pending, 999).held).toBe(6);
    expect(settled(pending, 1_000)).toEqual({ held: 2, pending: null });
  });
});
