import { contractSuite } from '../../platform/testing/suite.ts';
import { lightspeedR } from './index.ts';
import type { LightspeedSandbox } from './sandbox.ts';

contractSuite(lightspeedR, {
  loseAccess: (bench) => (bench.sandbox as LightspeedSandbox).staff.revoke(),
});
