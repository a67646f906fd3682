import { contractSuite } from '../../platform/testing/suite.ts';
import { lightspeedX } from './index.ts';
import type { LightspeedXSandbox } from './sandbox.ts';

contractSuite(lightspeedX, {
  exempt: {
    'stale-signature': 'Lightspeed signs no time',
    'paging-under-change': 'Lightspeed has no level for a product that it does not count (see levels.test.ts)',
  },
  // Levels come a thousand to a page, products two hundred.
  pagingItems: 600,
  pagingOrders: 230,
  loseAccess: (bench) => (bench.sandbox as LightspeedXSandbox).staff.revoke(),
});
