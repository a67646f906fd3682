import { contractSuite } from '../../platform/testing/suite.ts';
import { zoho } from './index.ts';
import type { ZohoSandbox } from './sandbox.ts';

contractSuite(zoho, {
  exempt: { 'paging-under-change': 'Zoho has no level at all for an item that it does not count' },
  // Items come 200 to a page.
  pagingItems: 210,
  pagingOrders: 210,
  loseAccess: (bench) => (bench.sandbox as ZohoSandbox).staff.revoke(),
});
