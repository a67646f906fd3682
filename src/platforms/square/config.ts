import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/** From this version on an adjustment names two places instead of one, and transfers are adjustments. */
const SPLIT_LOCATIONS_SINCE = '2026-07-15';

/** What is asked for unless the settings say otherwise: the last version with one `location_id` per adjustment. */
export const API_VERSION = '2026-05-20';

/**
 * What one Square seller hands us. Two ways in:
 *  - a personal access token of one's own application: does not end, and may register the webhook.
 *  - OAuth: access token (30 days) and refresh token; the webhook belongs to the application, so its own token is needed
 *    to register it.
 */
export const squareConfig = z
  .object({
    account: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9_-]{8,191}$/, 'Write the merchant ID, like MLEFBHHSJGVHD.')
      .describe('Merchant ID of the seller, as "onhand channel check" or GET /v2/merchants/me prints it'),
    accessToken: secret().describe(
      'Access token (Developer Console > your application > Credentials), or the one that OAuth gave',
    ),
    refreshToken: secret().optional().describe('Refresh token, where the seller was connected with OAuth'),
    applicationId: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('Application ID (Developer Console > your application > OAuth); needed to renew OAuth tokens'),
    applicationSecret: secret()
      .optional()
      .describe('Application secret (Developer Console > your application > OAuth); leave empty with PKCE'),
    applicationToken: secret()
      .optional()
      .describe("The application's own access token; only to register the webhook when the seller came by OAuth"),
    accessTokenEndsAtMs: z.number().int().positive().optional().describe('Set by Onhand: when the access token ends'),
    renewAtMs: z.number().int().positive().optional().describe('Set by Onhand: when the access token is renewed'),
    webhookSecret: secret()
      .optional()
      .describe(
        'Signature key of the webhook subscription (Developer Console > Webhooks); set when Onhand registers it',
      ),
    notificationUrl: z
      .string()
      .trim()
      .url('Write the whole address, exactly as registered.')
      .optional()
      .describe('Notification URL of the subscription, letter for letter: it is part of what Square signs'),
    apiVersion: z
      .string()
      .trim()
      .regex(/^\d{4}-\d\d-\d\d$/, 'Write a date, like 2026-05-20.')
      .default(API_VERSION)
      .describe('Square-Version to ask for'),
    apiUrl: webAddress().optional().describe('Another address of the API, as https://connect.squareupsandbox.com'),
  })
  .superRefine((config, context) => {
    if (!config.refreshToken || config.applicationId) return;
    context.addIssue({
      code: 'custom',
      path: ['applicationId'],
      message: 'A refresh token is renewed with the application ID: add it.',
    });
  });

export type SquareConfig = z.infer<typeof squareConfig>;

/** Does this version name both places in an adjustment? */
export const splitsLocations = (version: string): boolean => version >= SPLIT_LOCATIONS_SINCE;
