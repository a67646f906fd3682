import { contractSuite } from '../../platform/testing/index.ts';
import { custom } from './index.ts';

contractSuite(custom, {
  pagingItems: 130,
  wrongConfig: (config) => ({ ...config, webhookSecret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }),
});
