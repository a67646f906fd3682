import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/** The vendor's own hosts. Nothing answers there any more. */
const SWITCHED_OFF = /(^|\.)(tradegecko\.com|commerce\.intuit\.com)$/i;

export const REASONS = ['supplier', 'customer', 'damaged', 'shrinkage', 'promotion', 'production'] as const;

/** What one account hands us. The service is closed, so the address of whatever still speaks its API must be named. */
export const geckoConfig = z.object({
  account: z
    .string()
    .trim()
    .regex(/^\d{1,19}$/, 'Write the account number, like 7067.')
    .describe('Number of the account, as GET /accounts/current prints it'),
  apiUrl: webAddress()
    .refine((text) => !(URL.canParse(text) && SWITCHED_OFF.test(new URL(text).hostname)), {
      message: 'The vendor switched this address off in 2023. Write the address of what answers in its place.',
    })
    .describe('Address of the system that still answers as TradeGecko did; the vendor’s own was switched off in 2023'),
  accessToken: secret().describe('Access token: a privileged one does not end, one from OAuth lives two hours'),
  refreshToken: secret().optional().describe('Refresh token, where the access token came from OAuth'),
  applicationId: z.string().trim().min(1).optional().describe('ID of the OAuth application; needed to renew tokens'),
  redirectUri: z
    .string()
    .trim()
    .url()
    .optional()
    .describe('Redirect address of the OAuth application; needed to renew'),
  webhookSecret: secret().optional().describe('Secret of the OAuth application: it signs webhooks and renews tokens'),
  accessTokenEndsAtMs: z.number().int().positive().optional().describe('Set by Onhand: when the access token ends'),
  adjustmentReason: z
    .enum(REASONS)
    .default('shrinkage')
    .describe('Reason that stock adjustments made by Onhand carry in reports'),
});

export type GeckoConfig = z.infer<typeof geckoConfig>;
