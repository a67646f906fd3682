import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';
import { isZone } from './shop-time.ts';

/** A shop is known by its address; scheme and `www.` may change, upper case and the last slash mean nothing. */
const accountKey = (address: string): string =>
  address
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^www\./, '')
    .replace(/\/+$/, '');

export const prestaConfig = z.object({
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
    'Address of the shop, exactly as the browser ends up with it, like https://www.example.com (a redirect turns a write into a read)',
  ),
  webserviceKey: secret(
    z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9]{32}$/, 'A webservice key has 32 letters and digits.'),
  ).describe('Key (Advanced Parameters > Webservice > Add new webservice key)'),
  timeZone: z
    .string()
    .trim()
    .refine(isZone, 'Write a zone like Europe/Paris.')
    .describe('Time zone of the shop (International > Localization > Configuration > Time zone), like Europe/Paris'),
  shop: z
    .union([z.literal('all'), z.string().regex(/^\d{1,20}$/, 'The number of a shop, or all.')])
    .optional()
    .describe('Only with Multistore: "all", or the number of the one shop that is meant. Empty: the default shop'),
  releasedStates: z
    .array(
      z
        .string()
        .trim()
        .regex(/^\d{1,20}$/, 'Numbers of order states.'),
    )
    .max(50)
    .default(['6', '8'])
    .describe(
      'Numbers of the order states in which PrestaShop has put the goods back: Canceled and Payment error (Shop Parameters > Order Settings > Statuses); 6 and 8 as it comes',
    ),
  recordsRestock: z
    .boolean()
    .default(true)
    .describe(
      'PrestaShop 1.7.7 or newer: it writes down which refunded goods went back on the shelf. Off for 1.7.0 to 1.7.6, which does not',
    ),
  keyInQuery: z
    .boolean()
    .default(false)
    .describe('Send the key in the address instead of a header: only where a host drops the Authorization header'),
  webhookSecret: secret(z.string().trim().min(16, 'Use at least 16 characters.').max(200))
    .optional()
    .describe(
      'Secret that signs what the Onhand module in the shop sends: make up a long one and enter the same in the settings of the module',
    ),
});

export type PrestaConfig = z.infer<typeof prestaConfig>;
