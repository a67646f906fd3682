import fc from 'fast-check';
import { expect, it } from 'vitest';
import { virtualClock } from './virtual-clock.ts';

it('fires in order of time, and in order of setting among equals', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(50), { maxLength: 60 }), async (delays) => {
      const clock = virtualClock(0);
      const fired: { at: number; index: number }[] = [];
      for (const [index, delay] of delays.entries()) clock.after(delay, () => fired.push({ at: clock.now(), index }));
      await clock.runUntilIdle();
      const expected = delays.map((at, index) => ({ at, index })).sort((a, b) => a.at - b.at || a.index - b.index);
      expect(fired).toEqual(expected);
      expect(clock.pending).toBe(0);
    }),
  );
});

it('lets long promise chains settle before time moves on', async () => {
  const clock = virtualClock(0);
  const story: string[] = [];
  clock.after(10, () => story.push('timer 10'));
  void (async () => {
    await clock.sleep(5);
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    story.push(`chain done at ${clock.now()}`);
    await clock.sleep(5);
    story.push(`slept again at ${clock.now()}`);
  })();
  await clock.advance(10);
  expect(story).toEqual(['chain done at 5', 'timer 10', 'slept again at 10']);
});

it('wakes a sleeper at once when its signal aborts, and forgets cancelled timers', async () => {
  const clock = virtualClock(0);
  const abort = new AbortController();
  const slept = clock.sleep(1000, abort.signal).then(() => clock.now());
  const cancel = clock.after(500, () => expect.unreachable());
  cancel();
  clock.after(100, () => abort.abort());
  await clock.runUntilIdle();
  expect(await slept).toBe(100);
  await clock.sleep(1000, AbortSignal.abort());
  expect(clock.now()).toBe(100);
});

it('runs until a piece of work is done, and says so when it never will be', async () => {
  const clock = virtualClock(0);
  clock.after(10_000, () => {});
  expect(await clock.run(clock.sleep(20).then(() => clock.now()))).toBe(20);
  await expect(clock.run(Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(clock.run(new Promise(() => {}))).rejects.toThrow(/never comes/);
});

it('says so when something never comes to rest', async () => {
  const clock = virtualClock(0);
  const again = () => void clock.after(1000, again);
  again();
  await expect(clock.runUntilIdle(60_000)).rejects.toThrow(/never comes to rest/);
});

it('stands still while work outside is under way', async () => {
  const clock = virtualClock(0);
  const outside = (async () => {
    const release = clock.hold();
    await new Promise((resolve) => setTimeout(resolve, 20));
    release();
    return clock.now();
  })();
  clock.after(5, () => {});
  await clock.advance(100);
  expect(await outside).toBe(0);
});
