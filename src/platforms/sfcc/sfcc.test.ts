import { contractSuite } from '../../platform/testing/suite.ts';
import { sfcc } from './index.ts';
import type { SfccSandbox } from './sandbox.ts';

contractSuite(sfcc, {
  exempt: { echo: 'Nothing tells of a changed allocation: levels are read' },
  pagingItems: 210,
  pagingOrders: 230,
  loseAccess: (bench) => (bench.sandbox as SfccSandbox).removeClient(),
});
