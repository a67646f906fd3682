import { contractSuite } from '../../platform/testing/suite.ts';
import { amazon } from './index.ts';
import type { AmazonSandbox } from './sandbox.ts';

contractSuite(amazon, { loseAccess: (bench) => (bench.sandbox as AmazonSandbox).disableApp() });
