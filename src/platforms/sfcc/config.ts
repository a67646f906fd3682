import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/** A list as people type it: RefArch, RefArchGlobal. */
const names = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);

const list = z
  .string()
  .trim()
  .regex(/^[\w-]{1,64}(\s*,\s*[\w-]{1,64})*$/, 'Write ids with commas between them.');

/** One instance of B2C Commerce (production, staging or a sandbox of a realm), and which of its two stock models it uses. */
export const sfccConfig = z
  .object({
    account: z
      .string()
      .trim()
      .regex(/^f_ecom_[a-z]{4}_(prd|stg|dev|s\d\d|\d{3})$/, 'Write the organization ID, like f_ecom_zzte_053.')
      .describe(
        'Organization ID: Business Manager > Administration > Site Development > Salesforce Commerce API Settings',
      ),
    shortCode: z
      .string()
      .trim()
      .regex(/^[a-z0-9]{8}$/, 'Write the short code, eight letters and digits.')
      .describe('Short code, on the same page'),
    instanceUrl: webAddress().describe(
      'Address of the instance, like https://production-realm-customer.demandware.net',
    ),
    clientId: z.string().trim().min(8).describe('API client: Account Manager > API Client > its ID'),
    clientSecret: secret().describe('Password of the API client; letters and digits only'),
    siteIds: list.describe('Sites that sell: Business Manager > Administration > Sites > Manage Sites, with commas'),
    stock: z
      .enum(['inventory-lists', 'omnichannel'])
      .default('inventory-lists')
      .describe('inventory-lists, or omnichannel where Omnichannel Inventory is switched on'),
    tenantGroupId: z
      .string()
      .trim()
      .regex(/^[\w-]{1,64}$/)
      .optional()
      .describe('Omnichannel: the tenant group ID, as Salesforce gave it with Omnichannel Inventory'),
    locationIds: z
      .string()
      .trim()
      .regex(
        /^[\w-]{2,128}(\s*=[^,=]{1,80})?(\s*,\s*[\w-]{2,128}(\s*=[^,=]{1,80})?)*$/,
        'Write ids with commas between them, each with a name if you like: wh1=Main warehouse, shop7=High street.',
      )
      .optional()
      .describe('Omnichannel: ids of the locations that Onhand writes, like wh1=Main warehouse, shop7=High street'),
    bundles: z
      .enum(['parts', 'bundle'])
      .default('parts')
      .describe(
        'What a bundle is taken from: its parts, or the bundle itself ("Use Bundle Inventory Only" of the list)',
      ),
    webhookSecret: secret()
      .optional()
      .describe('Key that the cartridge int_onhand signs with; any long text, the same in its service credential'),
    apiUrl: webAddress()
      .optional()
      .describe('Another address than https://{shortCode}.api.commercecloud.salesforce.com'),
    loginUrl: webAddress().optional().describe('Another address than https://account.demandware.com'),
    accessToken: secret().optional().describe('Set by Onhand: the current token'),
    accessTokenEndsAtMs: z.number().int().positive().optional().describe('Set by Onhand: when it ends'),
    ocapiToken: secret().optional().describe('Set by Onhand: the current token of the Data API'),
  })
  .superRefine((config, context) => {
    if (config.stock !== 'omnichannel') return;
    for (const field of ['tenantGroupId', 'locationIds'] as const)
      if (config[field] === undefined)
        context.addIssue({ code: 'custom', path: [field], message: 'Omnichannel Inventory needs this.' });
  });

export type SfccConfig = z.infer<typeof sfccConfig>;

export const sitesOf = (config: SfccConfig): string[] => names(config.siteIds);

/** Names by id; an id without a name is called by its id. */
export const placesOf = (config: SfccConfig): { id: string; name: string }[] =>
  names(config.locationIds ?? '').map((text) => {
    const [id = '', name = ''] = text.split('=').map((part) => part.trim());
    return { id, name: name || id };
  });
export const locationsOf = (config: SfccConfig): string[] => placesOf(config).map(({ id }) => id);
