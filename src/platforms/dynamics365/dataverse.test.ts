import { contractSuite } from '../../platform/testing/suite.ts';
import type { DynamicsSandbox } from './sandbox/business-central.ts';
import { flavoured } from './testing/flavours.ts';

contractSuite(flavoured('dataverse'), {
  unknownStockKey: () => 'a1a1a1a1-0000-4000-8000-000000999987',
  loseAccess: (bench) => (bench.sandbox as DynamicsSandbox).removeApp(),
});
