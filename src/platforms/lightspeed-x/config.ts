import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/** Quarterly versions, each supported for at least a year; an expired one is answered silently by the oldest that lives. */
export const API_VERSION = '2026-07';

/** How Lightspeed calls what an open (pending) sale is, by its attribute; `open` has none. */
const OPEN_KINDS = ['layby', 'onaccount', 'pickup', 'delivery', 'service', 'open'] as const;

/** Work on goods that stay the customer's, and a sale that is still being rung up. */
export const UNCOUNTED_SALES: (typeof OPEN_KINDS)[number][] = ['service', 'open'];

/**
 * What one X-Series store hands us. Two ways in:
 *  - a personal token (Setup > Personal Tokens): does not end; its webhooks may come unsigned.
 *  - OAuth: access token (a day) and refresh token; the client secret renews them and signs the webhooks.
 */
export const lightspeedXConfig = z
  .object({
    account: z
      .string()
      .trim()
      .toLowerCase()
      .regex(
        /^[a-z0-9][a-z0-9-]{0,62}$/,
        'Write the first part of the store address: mystore of mystore.retail.lightspeed.app.',
      )
      .describe('Domain prefix of the store: the first part of https://mystore.retail.lightspeed.app'),
    accessToken: secret().describe(
      'Personal token (Setup > Personal Tokens > Add personal token), or the access token that OAuth gave',
    ),
    refreshToken: secret().optional().describe('Refresh token, where the store was connected with OAuth'),
    clientId: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe(
        'Client ID of the application (Lightspeed developer portal > your application); needed to renew tokens',
      ),
    accessTokenEndsAtMs: z.number().int().positive().optional().describe('Set by Onhand: when the access token ends'),
    webhookSecret: secret()
      .optional()
      .describe(
        'Client secret of the application (Lightspeed developer portal): Lightspeed signs webhooks with it, and tokens are renewed with it',
      ),
    webhookToken: secret(
      z
        .string()
        .trim()
        .regex(/^[A-Za-z0-9_-]{16,128}$/, 'Use 16 to 128 letters and digits.'),
    )
      .optional()
      .describe(
        'Only without an application: a made-up word that stands in the address of unsigned webhooks; what they tell is fetched before it is believed',
      ),
    uncountedSales: z
      .array(z.enum(OPEN_KINDS))
      .default(UNCOUNTED_SALES)
      .describe(
        'Open sales for which Lightspeed has not taken the stock yet (layby, onaccount, pickup, delivery, service, open)',
      ),
    returnsGoBack: z
      .boolean()
      .default(true)
      .describe('Goods of a return go back into the stock of the outlet, as Lightspeed counts them'),
    reasonOutId: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('Set by Onhand: its own adjustment reason for less stock'),
    reasonInId: z.string().trim().min(1).optional().describe('Set by Onhand: its own adjustment reason for more stock'),
    apiUrl: webAddress().optional().describe('Another address of the store, in front of /api; mostly left empty'),
  })
  .superRefine((config, context) => {
    if (!config.refreshToken || (config.clientId && config.webhookSecret)) return;
    context.addIssue({
      code: 'custom',
      path: [config.clientId ? 'webhookSecret' : 'clientId'],
      message: 'A refresh token is renewed with client ID and client secret: add both.',
    });
  });

export type LightspeedXConfig = z.infer<typeof lightspeedXConfig>;
