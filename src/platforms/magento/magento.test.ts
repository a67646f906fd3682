import { contractSuite } from '../../platform/testing/suite.ts';
import { magento } from './index.ts';
import type { MagentoSandbox } from './sandbox.ts';

contractSuite(magento, {
  exempt: {
    'stale-signature': 'An event only names what to fetch: said again it does no harm, so no time is signed',
  },
  loseAccess: (bench) => (bench.sandbox as MagentoSandbox).staff.revoke(),
});
