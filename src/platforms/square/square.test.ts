import { contractSuite } from '../../platform/testing/suite.ts';
import { square } from './index.ts';
import type { SquareSandbox } from './sandbox.ts';

contractSuite(square, {
  exempt: {
    'stale-signature': 'Square signs no time',
    'paging-under-change': 'Square has no level at all for a variation that it does not count (see levels.test.ts)',
  },
  // Levels come a thousand to a page.
  pagingItems: 600,
  loseAccess: (bench) => (bench.sandbox as SquareSandbox).staff.revoke(),
});
