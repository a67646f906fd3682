import { expect } from 'vitest';
import { z } from 'zod';
import { secretPaths } from '../config.ts';
import { HOOK_URL } from './bench.ts';
import type { Rules } from './rules.ts';

/** What a platform says of itself, and what its settings take. */
export function factsRules(suite: Rules): void {
  suite.rule('facts: budgets, operations and numbers fit together', 'facts', 'facts-consistent', ({ platform }) => {
    const { facts } = platform;
    for (const [op, { budgets, timeoutMs, cost = 1 }] of Object.entries(facts.operations)) {
      expect(budgets.length, `${op} spends no budget: nothing limits it`).toBeGreaterThan(0);
      for (const name of budgets) expect(Object.keys(facts.budgets), `${op} spends ${name}`).toContain(name);
      expect(timeoutMs, `time-out of ${op}`).toBeGreaterThan(0);
      expect(cost, `cost of ${op}`).toBeGreaterThan(0);
      for (const name of budgets) {
        const budget = facts.budgets[name]!;
        if (budget.kind === 'cost')
          expect(cost, `${op} costs more than ${name} ever holds`).toBeLessThanOrEqual(budget.size);
      }
    }
    const spent = new Set(Object.values(facts.operations).flatMap(({ budgets }) => budgets));
    for (const [name, budget] of Object.entries(facts.budgets)) {
      expect(spent, `nothing spends the budget ${name}`).toContain(name);
      for (const [what, value] of Object.entries(budget))
        if (what !== 'kind') expect(value, `${what} of ${name}`).toBeGreaterThan(0);
    }
    const { push, feeds, setup, evidence } = facts;
    expect(push.batchMax).toBeGreaterThanOrEqual(1);
    expect(push.max).toBeGreaterThan(push.min);
    expect(Number.isInteger(push.decimals) && push.decimals >= 0 && push.decimals <= 5).toBe(true);
    if (push.mode === 'blind') expect(push.readFirst, 'a blind write is read just before').toBe(true);
    expect(facts.read.batchMax).toBeGreaterThanOrEqual(1);
    const tells = Object.values(feeds).map((feed) => feed.tells);
    if (facts.roles.includes('sells')) expect(tells, 'a platform that sells has a feed of orders').toContain('orders');
    for (const [name, feed] of Object.entries(feeds)) {
      expect(feed.everyMsAlone, `${name}: polled at least as often without webhooks`).toBeLessThanOrEqual(feed.everyMs);
      expect(feed.lagMs, `lag of ${name}`).toBeGreaterThanOrEqual(0);
    }
    for (const text of [
      facts.id,
      facts.name,
      facts.apiVersion,
      facts.trigger,
      facts.writeCall,
      setup.who,
      evidence.why,
    ])
      expect(text.trim()).not.toBe('');
    expect(facts.sources.length).toBeGreaterThan(0);
    expect(facts.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(evidence.checkedAt).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(setup.minutes).toBeGreaterThan(0);
    expect(setup.accounts.length).toBeGreaterThan(0);
  });

  suite.rule('facts: hooks are what the platform implements', 'facts', 'facts-hooks', ({ platform }) => {
    const { kind } = platform.facts.hooks;
    if (kind === 'queue') {
      expect(platform.receive, 'a queue is received from').toBeDefined();
      expect(platform.acknowledge, 'and acknowledged').toBeDefined();
    }
    if (kind !== 'none') expect(platform.facts.hooks.silentAfterMs).toBeGreaterThan(0);
    if (platform.facts.hooks.perApp) expect(platform.accountOf, 'one entrance for many accounts').toBeDefined();
    if (platform.expiresAt) expect(platform.renew, 'secrets that end can be renewed').toBeDefined();
    expect(Boolean(platform.subscribe)).toBe(Boolean(platform.unsubscribe));
  });

  suite.rule('settings: takes what a merchant would paste', 'facts', 'config-accepts', async ({ open, platform }) => {
    const bench = await open({ items: 1, subscribe: false });
    const pasted = bench.sandbox.config({ api: 'https://platform.test', hook: HOOK_URL });
    const config = platform.config.parse(pasted);
    expect(config.account).toBe(bench.sandbox.account);
    expect(bench.sandbox.platform).toBe(platform.facts.id);
    // Stored and read again: nothing in it may be lost by JSON.
    expect(platform.config.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  suite.rule(
    'settings: refuses junk, and says where it is wrong',
    'facts',
    'config-rejects',
    async ({ open, platform }) => {
      for (const junk of [undefined, null, 42, 'x', [], {}, { account: '' }, { account: 7 }])
        expect(platform.config.safeParse(junk).success, JSON.stringify(junk)).toBe(false);
      const bench = await open({ items: 1, subscribe: false });
      const pasted = bench.sandbox.config({ api: 'https://platform.test', hook: HOOK_URL });
      for (const name of Object.keys(pasted)) {
        const wrong = platform.config.safeParse({ ...pasted, [name]: { not: ['a', 'setting'] } });
        expect(wrong.success, `${name} takes an object`).toBe(false);
        expect(
          wrong.error?.issues.some((issue: { path: unknown[] }) => issue.path[0] === name),
          `${name} is named`,
        ).toBe(true);
      }
    },
  );

  suite.rule(
    'settings: drawn as a form, every field described, secrets marked',
    'facts',
    'config-form',
    ({ platform, note }) => {
      const schema = z.toJSONSchema(platform.config, { io: 'input', unrepresentable: 'any' }) as {
        properties?: Record<string, { description?: string }>;
      };
      const properties = Object.entries(schema.properties ?? {});
      expect(properties.length).toBeGreaterThan(0);
      for (const [name, { description }] of properties) expect(description, `${name} has no description`).toBeTruthy();
      const secrets = new Set(secretPaths(platform.config).map(([first]) => first));
      const secretByName = /secret|passw|(^|[a-z])token$|private|^key$|(consumer|api|signing|signature)key$/i;
      for (const [name] of properties)
        if (secretByName.test(name))
          expect(secrets, `${name} sounds secret and is not marked by secret()`).toContain(name);
      expect(secrets.size, 'no setting is marked as secret').toBeGreaterThan(0);
      note(`${properties.length} fields, ${secrets.size} secret`);
    },
  );
}
