import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/** Where an organization's data lies. Accounts host and API host must be of the same one. */
export const DATA_CENTRES = {
  com: { accounts: 'https://accounts.zoho.com', api: 'https://www.zohoapis.com' },
  eu: { accounts: 'https://accounts.zoho.eu', api: 'https://www.zohoapis.eu' },
  in: { accounts: 'https://accounts.zoho.in', api: 'https://www.zohoapis.in' },
  'com.au': { accounts: 'https://accounts.zoho.com.au', api: 'https://www.zohoapis.com.au' },
  jp: { accounts: 'https://accounts.zoho.jp', api: 'https://www.zohoapis.jp' },
  ca: { accounts: 'https://accounts.zohocloud.ca', api: 'https://www.zohoapis.ca' },
  'com.cn': { accounts: 'https://accounts.zoho.com.cn', api: 'https://www.zohoapis.com.cn' },
  sa: { accounts: 'https://accounts.zoho.sa', api: 'https://www.zohoapis.sa' },
} as const;

const CENTRES = Object.keys(DATA_CENTRES) as [keyof typeof DATA_CENTRES];

/** What one Zoho Inventory organization hands us: a self client of its own (client id, secret, refresh token). */
export const zohoConfig = z.object({
  account: z
    .string()
    .trim()
    .regex(/^\d{4,20}$/, 'Write the organization ID, like 10229182.')
    .describe('Organization ID (the name at the top right > Manage Organizations)'),
  dataCenter: z.enum(CENTRES).describe('Data centre: the end of the address where you log in, like com, eu or in'),
  clientId: z.string().trim().min(1).describe('Client ID (API Console > your Self Client > Client Secret)'),
  clientSecret: secret().describe('Client secret (the same page)'),
  refreshToken: secret().describe('Refresh token, which the code of the Self Client was exchanged for; does not end'),
  accessToken: secret().optional().describe('Set by Onhand: the access token, good for an hour'),
  accessTokenEndsAtMs: z.number().int().positive().optional().describe('Set by Onhand: when the access token ends'),
  webhookSecret: secret()
    .optional()
    .describe('A long random text: part of the address in the workflow rule, because Zoho Inventory signs nothing'),
  signingSecret: secret()
    .optional()
    .describe('Only if your webhooks carry X-Zoho-Webhook-Signature: the secret they are signed with'),
  notSoldStatuses: z
    .array(z.string().trim().toLowerCase().min(1))
    .default([])
    .describe('Further statuses of sales orders that mean "not sold", where your organization has some of its own'),
  approvesAdjustments: z
    .boolean()
    .default(false)
    .describe('Inventory adjustments wait for an approval (Settings > Preferences > Approvals)'),
  hideOversold: z
    .boolean()
    .default(false)
    .describe(
      'Raise the physical stock of an item that was promised beyond it, so that Zoho shows 0 instead of less; off: it is left alone and listed',
    ),
  apiUrl: webAddress().optional().describe('Another address of the API, for tests; leave empty'),
  accountsUrl: webAddress().optional().describe('Another address for tokens, for tests; leave empty'),
});

export type ZohoConfig = z.infer<typeof zohoConfig>;

export const accountsUrl = (config: ZohoConfig): string =>
  config.accountsUrl ?? DATA_CENTRES[config.dataCenter].accounts;

export const apiUrl = (config: ZohoConfig): string => config.apiUrl ?? DATA_CENTRES[config.dataCenter].api;
