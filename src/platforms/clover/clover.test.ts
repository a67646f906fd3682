import { contractSuite } from '../../platform/testing/suite.ts';
import { clover } from './index.ts';
import type { CloverSandbox } from './sandbox.ts';

contractSuite(clover, {
  loseAccess: (bench) => (bench.sandbox as CloverSandbox).staff.uninstall(),
});
