import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

export const bigConfig = z.object({
  account: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[a-z0-9-]{3,40}$/, 'Write the store hash alone, like sftg45fsd.')
    .describe('Store hash: in the API path of the API account, https://api.bigcommerce.com/stores/HASH/v3/'),
  accessToken: secret().describe('Access token (Settings > Store-level API accounts > Create API account)'),
  webhookSecret: secret()
    .optional()
    .describe('Client secret of the same API account; BigCommerce signs webhooks with it'),
  hookKey: secret(z.string().trim().min(16, 'Use at least 16 characters.'))
    .optional()
    .describe(
      'Only where deliveries come without a signature (hooks of old accounts): a long made-up text that Onhand then has BigCommerce send in a header',
    ),
  onlineLocation: z
    .string()
    .trim()
    .regex(/^\d{1,19}$/, 'Write the number of the location, like 1.')
    .optional()
    .describe(
      'ID of the location that orders to be shipped are taken from, normally 1 (Default location). Leave empty if the store spreads them over several locations',
    ),
  stockTakenAt: z
    .enum(['placed', 'shipped'])
    .default('placed')
    .describe(
      'When the store lowers its stock (Settings > Inventory > Update stock levels): when an order is placed, or when it is completed or shipped',
    ),
  restocksRefunds: z
    .boolean()
    .default(true)
    .describe('The store puts units back when an order is cancelled or refunded whole (Settings > Inventory)'),
  pendingCounts: z.boolean().default(true).describe('An order with status Pending counts as sold'),
  apiUrl: webAddress().optional().describe('Another address of the API, for tests'),
});

export type BigConfig = z.infer<typeof bigConfig>;
