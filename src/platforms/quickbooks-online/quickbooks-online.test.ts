import { contractSuite } from '../../platform/testing/suite.ts';
import { quickbooksOnline } from './index.ts';
import type { QboSandbox } from './sandbox.ts';

contractSuite(quickbooksOnline, {
  exempt: {
    'stale-signature': 'Intuit signs no time',
    gone: 'What cannot be read was deleted, and QuickBooks has put its units back: an empty document, not one that keeps what left',
  },
  pagingItems: 520,
  pagingOrders: 1_050,
  loseAccess: (bench) => (bench.sandbox as QboSandbox).staff.disconnect(),
});
