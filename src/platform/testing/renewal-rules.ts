import { expect } from 'vitest';
import { secretPaths } from '../config.ts';
import { type Bench, failureOf } from './bench.ts';
import { flipped, wrongSecrets } from './reading-rules.ts';
import type { RuleContext, Rules } from './rules.ts';

/** Secrets that end. */
export function renewalRules(suite: Rules): void {
  suite.rule(
    'renewal: secrets about to end are renewed once, before anything is refused',
    'renewal',
    'renew-ahead',
    async (context) => {
      const bench = await renewable(context);
      const endsAt = context.platform.expiresAt?.(bench.config);
      if (endsAt === undefined) return context.absent('they do not end at a known time');
      await bench.clock.advance(endsAt - bench.clock.now() - 30_000);
      bench.saved.length = 0;
      bench.events.length = 0;
      await severalReads(bench);
      expect(bench.saved.length).toBe(1);
      expect(bench.events.filter(({ failure }) => failure?.startsWith('auth'))).toEqual([]);
      expect(context.platform.expiresAt!(bench.config)).toBeGreaterThan(endsAt);
    },
  );

  suite.rule(
    'renewal: a refused secret is renewed once for all who wait, and the calls go through',
    'renewal',
    'renew-refused',
    async (context) => {
      const bench = await renewable(context);
      const before = bench.config;
      await bench.clock.advance(1_000);
      const renewed = await bench.run((client, config) => context.platform.renew!(client, config));
      const changed = secretPaths(context.platform.config)
        .map(([name]) => name!)
        .filter((name) => renewed[name] !== before[name] && typeof renewed[name] === 'string');
      bench.config = renewed;
      const access = changed.filter((name) => !/refresh/i.test(name));
      expect(access.length, 'renewing changes a secret').toBeGreaterThan(0);
      for (const name of access) bench.config = { ...bench.config, [name]: flipped(String(bench.config[name])) };
      bench.saved.length = 0;
      await severalReads(bench);
      expect(bench.saved.length).toBe(1);
      context.note(`renews ${changed.join(', ')}`);
    },
  );

  suite.rule(
    'renewal: when nothing helps, every call says that access was refused',
    'renewal',
    'auth-final',
    async (context) => {
      const bench = await context.open({ subscribe: false });
      bench.config = context.platform.config.parse(
        (context.cases.wrongConfig ?? wrongSecrets(context.platform))(bench.config),
      );
      const failure = await failureOf(bench.run((client, config) => context.platform.listLevels(client, config, null)));
      expect(failure).toMatchObject({ failure: 'auth' });
      expect(failure!.message.length).toBeGreaterThan(10);
      expect(bench.saved).toEqual([]);
    },
  );

  suite.rule(
    '[I10] renewal and all other calls tell no secret to the log',
    'renewal',
    'no-secret-told',
    async (context) => {
      const bench = await context.open();
      const secrets = () =>
        secretPaths(context.platform.config).flatMap(([name]) => {
          const value = bench.config[name!];
          return typeof value === 'string' && value.length >= 6 ? [value] : [];
        });
      const all = new Set(secrets());
      await severalReads(bench);
      for (const secret of secrets()) all.add(secret);
      bench.line = () => Promise.reject(new Error(`broken over ${[...all].join(' ')}`));
      const failure = await failureOf(bench.run((client, config) => context.platform.listLevels(client, config, null)));
      const said = JSON.stringify([bench.events, failure?.message, failure?.stack, String(failure?.cause)]);
      for (const secret of all) expect(said).not.toContain(secret);
      expect(bench.events.length).toBeGreaterThan(0);
      context.note(`${all.size} secrets`);
    },
  );
}

async function renewable(context: RuleContext): Promise<Bench> {
  if (!context.platform.renew) context.absent('its secrets do not end');
  const bench = await context.open();
  await severalReads(bench);
  return bench;
}

const severalReads = (bench: Bench) =>
  bench.run((client, config) =>
    Promise.all(Array.from({ length: 4 }, () => bench.platform.listLevels(client, config, null))),
  );
