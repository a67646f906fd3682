import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/** The statuses in which WooCommerce itself counts an order as sold and has taken its stock. */
export const SOLD_STATUSES: readonly string[] = ['processing', 'on-hold', 'completed'];

/** A shop is known by its address; scheme and `www.` may change, upper case and the last slash mean nothing. */
const accountKey = (address: string): string =>
  address
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^www\./, '')
    .replace(/\/+$/, '');

export const wooConfig = z.object({
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
    'Address of the shop (WordPress > Settings > General > WordPress Address), like https://shop.example.com',
  ),
  consumerKey: secret(
    z
      .string()
      .trim()
      .regex(/^ck_\S+$/, 'A consumer key begins with ck_.'),
  ).describe(
    'Consumer key (WooCommerce > Settings > Advanced > REST API > Add key, permission Read/Write), begins with ck_',
  ),
  consumerSecret: secret(
    z
      .string()
      .trim()
      .regex(/^cs_\S+$/, 'A consumer secret begins with cs_.'),
  ).describe('Consumer secret (shown once, next to the consumer key), begins with cs_'),
  webhookSecret: secret(z.string().trim().min(8, 'Use at least 8 characters.'))
    .optional()
    .describe('Secret that signs the webhooks: make up a long one; Onhand gives it to the shop when it registers them'),
  plainPermalinks: z
    .boolean()
    .default(false)
    .describe(
      'Permalinks are set to Plain (WordPress > Settings > Permalinks); the API is then called by ?rest_route=',
    ),
  keyInQuery: z
    .boolean()
    .default(false)
    .describe('Send the key in the address instead of a header: only where a host drops the Authorization header'),
  soldStatuses: z
    .array(
      z
        .string()
        .trim()
        .toLowerCase()
        .min(1)
        .max(40)
        .transform((status) => status.replace(/^wc-/, '')),
    )
    .max(30)
    .default([])
    .describe('Further order statuses that mean sold and not shipped, made by a plugin (like packed); without wc-'),
  shippedStatuses: z
    .array(
      z
        .string()
        .trim()
        .toLowerCase()
        .min(1)
        .max(40)
        .transform((status) => status.replace(/^wc-/, '')),
    )
    .max(30)
    .default([])
    .describe('Further order statuses that mean the goods have left, made by a plugin (like shipped); without wc-'),
});

export type WooConfig = z.infer<typeof wooConfig>;
