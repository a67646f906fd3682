import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

const id = z
  .string()
  .trim()
  .regex(/^\d{1,20}$/, 'Write the internal ID, a number.');
/** The account ID as NetSuite prints it, whichever way it is written. */
export const accountKey = (text: string): string => text.toUpperCase().replaceAll('-', '_');

const optionalSecret = () => secret(z.string().trim().min(1)).optional();

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/**
 * What one NetSuite account hands us. Two ways in:
 *  - OAuth 2.0 client credentials: client ID, certificate ID and the private key of that certificate. Tokens last an hour.
 *  - token-based authentication (OAuth 1.0a): consumer key and secret, token ID and secret. Does not end.
 */
export const netsuiteConfig = z
  .object({
    account: z
      .string()
      .trim()
      .overwrite(accountKey)
      .regex(/^[A-Z0-9]{1,30}(_[A-Z0-9]{1,20})?$/, 'Write the account ID, like 1234567 or 1234567_SB1.')
      .describe('Account ID (Setup > Company > Company Information), like 1234567 or 1234567_SB1'),
    clientId: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('Client ID of the integration record (shown once when "Client Credentials" is ticked)'),
    certificateId: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('Certificate ID (Setup > Integration > OAuth 2.0 Client Credentials (M2M) Setup)'),
    privateKey: secret(
      z
        .string()
        .trim()
        .regex(/^-----BEGIN (RSA |EC )?PRIVATE KEY-----[\s\S]+-----END (RSA |EC )?PRIVATE KEY-----$/, {
          message: 'Paste the whole PEM text, from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----.',
        }),
    )
      .optional()
      .describe('Private key of the uploaded certificate, as PEM without a passphrase (RSA 3072 or 4096, or EC P-256)'),
    accessToken: optionalSecret().describe('Set by Onhand: the access token'),
    accessTokenEndsAtMs: z.number().int().positive().optional().describe('Set by Onhand: when the access token ends'),
    consumerKey: optionalSecret().describe('Token-based authentication: consumer key of the integration record'),
    consumerSecret: optionalSecret().describe('Token-based authentication: consumer secret of the integration record'),
    tokenId: optionalSecret().describe('Token-based authentication: token ID (Setup > Users/Roles > Access Tokens)'),
    tokenSecret: optionalSecret().describe('Token-based authentication: token secret'),
    webhookSecret: secret(z.string().trim().min(16, 'Use at least 16 characters.'))
      .optional()
      .describe('Secret that signs the events: the value stored in Setup > Company > API Secrets'),
    adjustmentAccount: id
      .optional()
      .describe('Internal ID of the account that inventory adjustments are posted to; needed to write stock'),
    subsidiary: id
      .optional()
      .describe('Internal ID of the subsidiary whose locations are used; OneWorld accounts only'),
    skuField: z
      .enum(['itemid', 'fullname', 'upccode', 'externalid'])
      .default('itemid')
      .describe('Which item field is the SKU: itemid (Item Name/Number), fullname, upccode or externalid'),
    timeZone: z
      .string()
      .trim()
      .refine(isTimeZone, 'Write a time zone like America/Los_Angeles.')
      .default('America/Los_Angeles')
      .describe('Time zone of the integration user (Home > Set Preferences > Time Zone), like America/Los_Angeles'),
    salesQuantities: z
      .enum(['negative', 'positive'])
      .default('negative')
      .describe('Sign of line quantities of sales in SuiteQL; leave it unless the check says otherwise'),
    levelsBy: z
      .enum(['suiteql', 'restlet'])
      .default('suiteql')
      .describe('How levels are read: suiteql, or restlet where the role may not see aggregateItemLocation'),
    restletScript: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('Script ID or number of the RESTlet, where levels are read by it'),
    restletDeployment: z.string().trim().min(1).default('1').describe('Deployment of the RESTlet'),
    apiUrl: webAddress().optional().describe('Another address of SuiteTalk; leave empty'),
    restletUrl: webAddress().optional().describe('Another address of the RESTlets; leave empty'),
  })
  .superRefine((config, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (config.clientId ?? config.privateKey ?? config.certificateId) {
      if (!config.clientId) issue('clientId', 'The certificate belongs to a client ID: add it.');
      if (!config.certificateId) issue('certificateId', 'Add the ID that NetSuite gave the certificate.');
      if (!config.privateKey) issue('privateKey', 'Add the private key of the certificate.');
    } else {
      const parts = ['consumerKey', 'consumerSecret', 'tokenId', 'tokenSecret'] as const;
      for (const part of parts)
        if (!config[part])
          issue(part, 'Give either client ID, certificate ID and private key, or all four token values.');
    }
    if (config.levelsBy === 'restlet' && !config.restletScript)
      issue('restletScript', 'Levels are read by the RESTlet: name its script.');
  });

export type NetsuiteConfig = z.infer<typeof netsuiteConfig>;

/** The account as it stands in host names. */
const hostName = (account: string): string => account.toLowerCase().replaceAll('_', '-');

export const apiBase = (config: Pick<NetsuiteConfig, 'account' | 'apiUrl'>): string =>
  config.apiUrl ?? `https://${hostName(config.account)}.suitetalk.api.netsuite.com`;

export const restletBase = (config: Pick<NetsuiteConfig, 'account' | 'apiUrl' | 'restletUrl'>): string =>
  config.restletUrl ?? config.apiUrl ?? `https://${hostName(config.account)}.restlets.api.netsuite.com`;
