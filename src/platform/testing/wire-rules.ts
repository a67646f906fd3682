import { expect } from 'vitest';
import { undiciTransport } from '../../runtime/transport.ts';
import { listen } from '../../sandbox/listen.ts';
import { HOOK_URL } from './bench.ts';
import { cellName, shownBySku } from './book.ts';
import { cellId, push, targetsFor, visible, writableLevels } from './pushing.ts';
import type { Rules } from './rules.ts';

/** The same over a real socket: real HTTP encoding, real header rules, the transport of production. */
export function wireRules(suite: Rules): void {
  suite.rule('wire: check, list, read and write over a loopback port', 'wire', 'wire', async (context) => {
    const { platform } = context;
    const bench = await context.open({ items: 3 });
    const server = await listen({
      handle: async (request) => {
        // Bytes are on no wire now: the stand-in's own time may pass.
        holds.pop()?.();
        try {
          return await bench.sandbox.handle(request);
        } finally {
          holds.push(bench.clock.hold());
        }
      },
    });
    const holds: (() => void)[] = [];
    const transport = undiciTransport({ allowPrivateHosts: ['127.0.0.1'] });
    let calls = 0;
    try {
      bench.config = platform.config.parse({
        ...bench.config,
        ...bench.sandbox.config({ api: server.url, hook: HOOK_URL }),
      });
      bench.line = (_, __, request) => {
        calls++;
        // The virtual clock stands still while bytes travel.
        holds.push(bench.clock.hold());
        return transport(request, { timeoutMs: 10_000 }).finally(() => holds.pop()?.());
      };
      const checks = await bench.run((client, config) => platform.check(client, config));
      expect(checks.filter(({ ok }) => !ok)).toEqual([]);
      if (platform.facts.push.mode === 'none') {
        expect((await bench.allLevels()).items.length).toBeGreaterThan(0);
      } else {
        const [level] = await writableLevels(bench);
        const outcomes = await push(bench, await targetsFor(bench, [{ level: level!, want: 4 }]));
        expect(outcomes.get(cellId(level!))?.result).toBe('applied');
        await visible(bench);
        expect(shownBySku(bench).get(cellName(bench, level!))).toBe(4);
      }
      await bench.poll();
      context.note(`${calls} calls`);
    } finally {
      bench.line = undefined;
      await server.close();
    }
  });
}
