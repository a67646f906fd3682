import { describe, expect, it } from 'vitest';
import { localTime, plusSeconds, revisionOf, utcMs } from './local-time.ts';

describe('clock readings', () => {
  it('go there and back in every zone', () => {
    for (const zone of ['America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'UTC', 'Pacific/Auckland'])
      for (let ms = Date.UTC(2026, 0, 1, 0, 7, 3); ms < Date.UTC(2027, 0); ms += 7_777_777_000) {
        const text = localTime(ms, zone);
        expect(utcMs(text, zone), `${text} ${zone}`).toBe(ms);
      }
    expect(utcMs('yesterday', 'UTC')).toBeNaN();
    expect(plusSeconds('2026-12-31 23:59:59', 1)).toBe('2027-01-01 00:00:00');
  });

  it('of the repeated hour have no zone: they prove nothing', () => {
    expect(revisionOf('2026-11-01 01:30:00', 'America/New_York')).toBe('2026-11-01 01:30:00');
    expect(revisionOf('2026-11-01 00:30:00', 'America/New_York')).toBe('2026-11-01T04:30:00Z');
    expect(revisionOf('2026-11-01 02:30:00', 'America/New_York')).toBe('2026-11-01T07:30:00Z');
    expect(revisionOf('', 'America/New_York')).toBeNull();
  });
});
