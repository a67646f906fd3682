import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/** One Lightspeed Retail account with all its shops, connected by OAuth: access token (an hour or less) and refresh token. */
export const lightspeedConfig = z
  .object({
    account: z
      .string()
      .trim()
      .regex(/^\d{1,20}$/, 'Write the account ID, digits only, like 120645.')
      .describe('Account ID, as GET /API/V3/Account.json prints it'),
    accessToken: secret().describe('Access token that OAuth gave'),
    refreshToken: secret().optional().describe('Refresh token that OAuth gave; it changes with every renewal'),
    clientId: z.string().trim().min(1).optional().describe('Client ID of your API client; needed to renew the token'),
    clientSecret: secret().optional().describe('Client secret of your API client; needed to renew the token'),
    accessTokenEndsAtMs: z.number().int().positive().optional().describe('Set by Onhand: when the access token ends'),
    skuFrom: z
      .enum(['customSku', 'manufacturerSku', 'systemSku', 'upc', 'ean'])
      .default('customSku')
      .describe('Which of its codes is the SKU your other channels know; the system ID where an item lacks it'),
    reservedIsOut: z
      .boolean()
      .default(true)
      .describe(
        'Does QOH already leave out what layaways, special orders and work orders hold? (It does, as far as known)',
      ),
    apiUrl: webAddress().optional().describe('Another address of the API, in place of https://api.lightspeedapp.com'),
    authUrl: webAddress()
      .optional()
      .describe('Another address for tokens, in place of https://cloud.lightspeedapp.com'),
  })
  .superRefine((config, context) => {
    if (!config.refreshToken) return;
    for (const name of ['clientId', 'clientSecret'] as const)
      if (!config[name])
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'A refresh token is renewed with client ID and client secret: add both.',
        });
  });

export type LightspeedConfig = z.infer<typeof lightspeedConfig>;

export const apiHost = (config: LightspeedConfig): string => config.apiUrl ?? 'https://api.lightspeedapp.com';
export const authHost = (config: LightspeedConfig): string => config.authUrl ?? 'https://cloud.lightspeedapp.com';
