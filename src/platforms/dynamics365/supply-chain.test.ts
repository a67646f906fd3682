import { contractSuite } from '../../platform/testing/suite.ts';
import type { DynamicsSandbox } from './sandbox/business-central.ts';
import { flavoured } from './testing/flavours.ts';

contractSuite(flavoured('supply-chain'), {
  exempt: { echo: 'Inventory Visibility tells nobody of its changes: levels are read' },
  loseAccess: (bench) => (bench.sandbox as DynamicsSandbox).removeApp(),
});
