import { contractSuite } from '../../platform/testing/suite.ts';
import { prestashop } from './index.ts';
import type { PrestaSandbox } from './sandbox.ts';

contractSuite(prestashop, {
  exempt: {
    'stale-signature': 'An event only names what to fetch: said again it does no harm, so no time is signed',
  },
  loseAccess: (bench) => (bench.sandbox as PrestaSandbox).staff.revokeKey(),
  wrongConfig: (config) => ({ ...config, webserviceKey: 'A'.repeat(32) }),
  unknownStockKey: () => '999999/0',
});
