import { contractSuite } from '../../platform/testing/suite.ts';
import { cin7 } from './index.ts';
import { type Cin7Sandbox, omniSandbox } from './sandbox.ts';

/** The other flavour: the same connector with settings of Omni, which has no webhooks. */
const { subscribe: _, unsubscribe: __, checkSubscription: ___, ...polled } = cin7;

contractSuite(
  {
    ...polled,
    facts: { ...cin7.facts, id: 'cin7-omni', name: 'Cin7 Omni', hooks: { ...cin7.facts.hooks, kind: 'none' } },
    sandbox: (options) => ({ ...omniSandbox(options), platform: 'cin7-omni' }),
  },
  {
    exempt: {
      'paging-under-change': 'Omni has no level for an option that it does not count',
    },
    pagingItems: 300,
    pagingOrders: 300,
    loseAccess: (bench) => (bench.sandbox as Cin7Sandbox).staff.revoke(),
  },
);
