import { contractSuite } from '../../platform/testing/suite.ts';
import type { SfccSandbox } from './sandbox.ts';
import { withStock } from './testing/models.ts';

contractSuite(withStock('omnichannel'), {
  exempt: { echo: 'Its change stream begins with an export: levels are read' },
  pagingItems: 210,
  pagingOrders: 230,
  loseAccess: (bench) => (bench.sandbox as SfccSandbox).removeClient(),
});
