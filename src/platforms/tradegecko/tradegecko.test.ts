import { describe, expect, it } from 'vitest';
import type { AnyPlatform } from '../../platform/contract.ts';
import { Bench } from '../../platform/testing/bench.ts';
import { allRules, contractSuite } from '../../platform/testing/suite.ts';
import { quickbooksCommerce, tradegecko } from './index.ts';
import type { GeckoSandbox } from './sandbox.ts';

const NO_EVENT = 'TradeGecko sends nothing for it; the feeds tell it';

contractSuite(tradegecko, {
  exempt: {
    'stale-signature': 'TradeGecko signs no time',
    'cancel-by-webhook': `A void: ${NO_EVENT}`,
    'fulfil-by-webhook': `A partial shipment: ${NO_EVENT}`,
    'refund-restock-by-webhook': `A return: ${NO_EVENT}`,
  },
  pagingItems: 300,
  loseAccess: (bench) => (bench.sandbox as GeckoSandbox).staff.revoke(),
});

// The rules were held against one name; the other is the same code, and says so here.
describe('QuickBooks Commerce', () => {
  it('is TradeGecko in all but its name', () => {
    const { facts, check, sandbox, fetchDocument, ...rest } = quickbooksCommerce;
    const { facts: named, check: _check, sandbox: _sandbox, fetchDocument: _fetch, ...same } = tradegecko;
    expect(rest).toEqual(same);
    expect({ ...facts, id: '', name: '', closed: '' }).toEqual({ ...named, id: '', name: '', closed: '' });
    expect([facts.id, facts.name]).toEqual(['quickbooks-commerce', 'QuickBooks Commerce (closed)']);
  });

  it('is checked, listed and written under its own name', async () => {
    const rules = allRules();
    for (const rule of ['config-accepts', 'check-good', 'push-batch', 'sale-by-webhook', 'wire'])
      expect(await rules.hold(rule, quickbooksCommerce as AnyPlatform, {}), rule).toEqual({ result: 'holds' });
  });

  it.each([tradegecko, quickbooksCommerce])(
    '$facts.name says that it is closed, in facts and in its check',
    async (platform) => {
      const bench = await Bench.open(platform as AnyPlatform, { items: 1, subscribe: false });
      const checks = await bench.run((client, config) => platform.check(client as never, config as never));
      bench.close();
      expect(platform.facts.closed).toContain('31 August 2023');
      expect(checks[0]).toMatchObject({ name: 'service', ok: true });
      expect(checks[0]!.found).toContain(platform.facts.closed);
      expect(checks[0]!.found).toContain('platform.test');
    },
  );
});
