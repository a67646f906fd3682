import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/**
 * What one shop hands us. Three ways to a token, in this order of preference:
 *  - client credentials: `clientId` + `webhookSecret` (the client secret signs webhooks and asks for tokens); lasts 24 h, renewed.
 *  - an offline token with `refreshToken`: renewed by it; the refresh token changes with each use.
 *  - a custom app's `shpat_…` token, which does not end.
 */
export const shopifyConfig = z
  .object({
    account: z
      .string()
      .trim()
      .toLowerCase()
      .regex(
        /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/,
        'Write the address that ends with .myshopify.com, without https://.',
      )
      .describe('Shop, as in Settings > Domains: your-shop.myshopify.com'),
    clientId: z.string().trim().min(1).optional().describe('Client ID (Dev Dashboard > your app > Settings)'),
    webhookSecret: secret()
      .optional()
      .describe('Client secret (Dev Dashboard > your app > Settings); it also signs the webhooks'),
    accessToken: secret()
      .optional()
      .describe('Admin API access token (shpat_…); leave empty to have one fetched with the client secret'),
    accessTokenEndsAtMs: z.number().int().positive().optional().describe('Set by Onhand: when the access token ends'),
    refreshToken: secret()
      .optional()
      .describe('Refresh token, where the app was installed with expiring offline tokens'),
    apiUrl: webAddress().optional().describe('Only for stand-ins: another address of the API'),
  })
  .superRefine((config, context) => {
    if (config.accessToken || (config.clientId && config.webhookSecret)) return;
    context.addIssue({
      code: 'custom',
      path: ['accessToken'],
      message: 'Give an access token, or client ID and client secret so that Onhand can fetch one.',
    });
  });

export type ShopifyConfig = z.infer<typeof shopifyConfig>;

/** The shop's own address for API and token calls. */
export const shopUrl = (config: ShopifyConfig): string => config.apiUrl ?? `https://${config.account}`;
