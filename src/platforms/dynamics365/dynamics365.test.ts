import { contractSuite } from '../../platform/testing/suite.ts';
import { dynamics365 } from './index.ts';
import type { DynamicsSandbox } from './sandbox/business-central.ts';

const unknownStockKey = () => 'a1a1a1a1-0000-4000-8000-000000999987';

contractSuite(dynamics365, {
  unknownStockKey,
  loseAccess: (bench) => (bench.sandbox as DynamicsSandbox).removeApp(),
  handshakes: () => [
    {
      name: 'validation of the notification URL',
      delivery: {
        method: 'POST',
        path: '/hooks/contract?validationToken=abc',
        headers: {},
        body: new Uint8Array(),
        receivedAt: new Date(0).toISOString(),
      },
    },
  ],
});
