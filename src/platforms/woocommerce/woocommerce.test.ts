import { contractSuite } from '../../platform/testing/suite.ts';
import { woocommerce } from './index.ts';
import type { WooSandbox } from './sandbox.ts';

contractSuite(woocommerce, {
  exempt: { 'stale-signature': 'WooCommerce signs no time' },
  loseAccess: (bench) => (bench.sandbox as WooSandbox).staff.revokeKey(),
  wrongConfig: (config) => ({ ...config, consumerSecret: 'cs_0000000000000000000000000000000000000000' }),
  handshakes: () => [
    {
      name: 'ping of a new webhook',
      delivery: {
        method: 'POST',
        path: '/hooks/1',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: Buffer.from('webhook_id=4'),
        receivedAt: '2026-11-24T00:00:00.000Z',
      },
    },
  ],
});
