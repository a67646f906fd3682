import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

export const qboConfig = z.object({
  account: z
    .string()
    .trim()
    .regex(/^\d{5,25}$/, 'Write the digits alone, like 9130347957983546.')
    .describe('Company ID (realm ID): Settings > Additional info in QuickBooks, or what the OAuth Playground shows'),
  clientId: z
    .string()
    .trim()
    .min(1)
    .describe('Client ID of your app (developer.intuit.com > My Hub > App dashboard > Keys and credentials)'),
  clientSecret: secret().describe('Client secret, beside the client ID'),
  refreshToken: secret().describe(
    'Refresh token of the company (OAuth 2.0 Playground, scope com.intuit.quickbooks.accounting); Onhand keeps it new',
  ),
  accessToken: secret().optional().describe('Set by Onhand: the access token of the hour'),
  accessTokenEndsAtMs: z.number().positive().optional().describe('Set by Onhand: when the access token ends'),
  webhookSecret: secret()
    .optional()
    .describe('Verifier token of the app (App dashboard > Webhooks > Show verifier token)'),
  salesHere: z
    .enum(['count', 'ignore'])
    .describe(
      'count: sales receipts and invoices are sales of their own. ignore: they are copies of sales that other channels have told already',
    ),
  adjustmentAccount: z
    .string()
    .trim()
    .regex(/^\d{1,20}$/, 'Write the number of the account, as the check lists it.')
    .optional()
    .describe('ID of the account that quantity adjustments are booked to (Inventory Shrinkage); needed to write'),
  apiUrl: webAddress().optional().describe('Another address of the API, as https://sandbox-quickbooks.api.intuit.com'),
  tokenUrl: webAddress().optional().describe('Another address of the token call, for tests'),
});

export type QboConfig = z.infer<typeof qboConfig>;
