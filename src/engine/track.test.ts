import { expect, it } from 'vitest';
import { virtualClock } from '../platform/testing/virtual-clock.ts';
import { Track } from './track.ts';

it.each([
  ['resting', 500],
  ['sleeping', 5_000],
])('stopped while %s it ends at once', async (_, afterMs) => {
  const clock = virtualClock(0);
  let runs = 0;
  const track = new Track(
    clock,
    async () => {
      runs += 1;
      return 60_000;
    },
    () => 1_000,
    1_000,
  );
  track.start();
  await clock.advance(afterMs);
  await clock.run(track.stop());
  expect([clock.now(), runs]).toEqual([afterMs, 1]);
});
