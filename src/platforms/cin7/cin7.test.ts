import { contractSuite } from '../../platform/testing/suite.ts';
import { cin7 } from './index.ts';
import type { Cin7Sandbox } from './sandbox.ts';

contractSuite(cin7, {
  exempt: {
    'paging-under-change': 'Core has no level for a product that it does not count (see levels.test.ts)',
  },
  // Products come five hundred to a page, levels a location to a page.
  pagingItems: 600,
  loseAccess: (bench) => (bench.sandbox as Cin7Sandbox).staff.revoke(),
});
