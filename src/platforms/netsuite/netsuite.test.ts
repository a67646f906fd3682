import { generateKeyPairSync } from 'node:crypto';
import { contractSuite } from '../../platform/testing/suite.ts';
import { netsuite } from './index.ts';
import type { NetsuiteSandbox } from './sandbox.ts';

contractSuite(netsuite, {
  exempt: {
    'paging-under-change': 'NetSuite keeps no level for an item that it does not count (see levels.test.ts)',
  },
  // Items come 500 to a page, levels a thousand, transactions 250.
  pagingItems: 510,
  pagingOrders: 260,
  loseAccess: (bench) => (bench.sandbox as NetsuiteSandbox).access.revoke(),
  wrongConfig: (config) => ({
    ...config,
    accessToken: 'not-a-token',
    privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString()
      .trim(),
  }),
});
