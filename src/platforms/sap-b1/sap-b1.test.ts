import { contractSuite } from '../../platform/testing/suite.ts';
import { sapB1 } from './index.ts';
import type { SapSandbox } from './sandbox.ts';

contractSuite(sapB1, {
  exempt: {
    'feed-paging':
      'A delivery is a document of its own, beside its order: there are more documents than orders (see feed.test.ts)',
    'paging-under-change': 'SAP keeps no level for an item that it does not count (see levels.test.ts)',
  },
  // Items come 500 to a page, documents a hundred.
  pagingItems: 510,
  loseAccess: (bench) => {
    const sandbox = bench.sandbox as SapSandbox;
    sandbox.sessions.password = 'another one, set by the administrator';
    sandbox.staff.restart();
  },
  wrongConfig: (config) => ({ ...config, password: 'not the password', session: undefined }),
});
