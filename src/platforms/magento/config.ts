import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/** A shop is known by its address; scheme and `www.` may change, upper case and the last slash mean nothing. */
const accountKey = (address: string): string =>
  address
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^www\./, '')
    .replace(/\/+$/, '');

const credential = () => secret(z.string().trim().min(8, 'Copy the whole text from System > Integrations.').max(200));

export const magentoConfig = z.object({
  account: z
    .string()
    .trim()
    .min(1)
    .max(300)
    .overwrite(accountKey)
    .describe(
      'Address of the shop as Onhand knows it, like shop.example.com (the same shop must not be connected twice)',
    ),
  url: webAddress().describe(
    'Base URL of the shop (Stores > Configuration > General > Web > Base URLs (Secure)), like https://shop.example.com',
  ),
  consumerKey: credential().describe('Consumer Key (System > Extensions > Integrations > the integration)'),
  consumerSecret: credential().describe('Consumer Secret (same page)'),
  accessToken: credential().describe('Access Token (same page)'),
  accessTokenSecret: credential().describe('Access Token Secret (same page)'),
  bearer: z
    .boolean()
    .default(false)
    .describe(
      'Send the access token alone instead of signing each call: only where a proxy changes addresses, and only after "Allow OAuth Access Tokens to be used as standalone Bearer tokens" was switched on (Stores > Configuration > Services > OAuth)',
    ),
  inventory: z
    .enum(['sources', 'stock-item'])
    .default('sources')
    .describe(
      'sources: Multi-Source Inventory, as Magento comes. stock-item: its modules were removed, and the shop keeps one number per product',
    ),
  webhookSecret: secret(z.string().trim().min(16, 'Use at least 16 characters.').max(200))
    .optional()
    .describe(
      'Secret that signs what the Onhand module in the shop sends: make up a long one and enter the same under Stores > Configuration > Services > Onhand',
    ),
});

export type MagentoConfig = z.infer<typeof magentoConfig>;
