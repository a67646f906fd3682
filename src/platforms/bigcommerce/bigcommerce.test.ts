import { contractSuite } from '../../platform/testing/suite.ts';
import { bigcommerce } from './index.ts';
import type { BigSandbox } from './sandbox.ts';

contractSuite(bigcommerce, {
  exempt: { echo: 'A write settles by reading, and its webhook comes before that; see webhook.test.ts' },
  pagingItems: 200,
  pagingOrders: 300,
  loseAccess: (bench) => (bench.sandbox as BigSandbox).staff.revokeToken(),
  wrongConfig: (config) => ({ ...config, accessToken: 'nobody' }),
});
