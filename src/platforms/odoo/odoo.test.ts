import { contractSuite } from '../../platform/testing/suite.ts';
import { odoo } from './index.ts';
import type { OdooSandbox } from './sandbox.ts';

contractSuite(odoo, {
  loseAccess: (bench) => (bench.sandbox as OdooSandbox).staff.revokeKey(),
});
