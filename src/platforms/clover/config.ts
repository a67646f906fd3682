import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/** Where each region's API lives; a token of another region is refused with 401, never redirected. */
const HOSTS = {
  na: 'https://api.clover.com',
  eu: 'https://api.eu.clover.com',
  la: 'https://api.la.clover.com',
  sandbox: 'https://apisandbox.dev.clover.com',
} as const;

/**
 * One Clover merchant, which is one place of business: two shops are two merchants, so two accounts. Two ways in:
 *  - an API token of the merchant's own dashboard: does not end.
 *  - OAuth of an app: access token and refresh token. The refresh token works once, so no other program may use it.
 */
export const cloverConfig = z
  .object({
    account: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9]{8,32}$/, 'Write the merchant ID, 13 letters and digits like 9J1F7WW503CZW.')
      .describe('Merchant ID (the part after /m/ in the address of the Merchant Dashboard)'),
    accessToken: secret().describe(
      'API token (Merchant Dashboard > Account & Setup > API Tokens), or the access token that OAuth gave',
    ),
    refreshToken: secret().optional().describe('Refresh token, where the merchant was connected with OAuth'),
    appId: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('App ID (Developer Dashboard > your app > App Settings); needed to renew OAuth tokens'),
    accessTokenEndsAtMs: z.number().int().positive().optional().describe('Set by Onhand: when the access token ends'),
    refreshTokenEndsAtMs: z.number().int().positive().optional().describe('Set by Onhand: when the refresh token ends'),
    webhookSecret: secret()
      .optional()
      .describe('Clover Auth Code (Developer Dashboard > your app > App Settings > Webhooks, shown once verified)'),
    updatesStock: z
      .boolean()
      .default(true)
      .describe(
        'Does Clover lower its own count at each sale? (Inventory > Setup > Update item count after each sale)',
      ),
    region: z
      .enum(['na', 'eu', 'la', 'sandbox'])
      .default('na')
      .describe('North America, Europe, Latin America, or the sandbox'),
    apiUrl: webAddress().optional().describe('Another address of the API, in place of the region’s'),
  })
  .superRefine((config, context) => {
    if (!config.refreshToken || config.appId) return;
    context.addIssue({
      code: 'custom',
      path: ['appId'],
      message: 'A refresh token is renewed with the app ID: add it.',
    });
  });

export type CloverConfig = z.infer<typeof cloverConfig>;

/** The API's address, without a slash at its end. */
export const apiHost = (config: CloverConfig): string => config.apiUrl ?? HOSTS[config.region];
