import { contractSuite } from '../../platform/testing/suite.ts';
import { shopify } from './index.ts';
import type { ShopifySandbox } from './sandbox.ts';

contractSuite(shopify, {
  exempt: { 'stale-signature': 'Shopify signs no time' },
  loseAccess: (bench) => (bench.sandbox as ShopifySandbox).staff.uninstall(),
});
