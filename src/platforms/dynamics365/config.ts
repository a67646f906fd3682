import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

export const FLAVOURS = ['business-central', 'dataverse', 'supply-chain'] as const;
export type FlavourName = (typeof FLAVOURS)[number];

const guid = z
  .string()
  .trim()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, 'Write an id like 0c9d3f5e-….')
  .overwrite((text) => text.toLowerCase());

/** A word of the customer's own: a data source, a measure, a dimension. */
const name = z
  .string()
  .trim()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'Letters, digits and _ only.');

/** What each flavour needs beside the registered app; the address is the product's own where there is only one. */
const NEEDS: Record<FlavourName, readonly (keyof Shape)[]> = {
  'business-central': [],
  dataverse: ['apiUrl'],
  'supply-chain': ['apiUrl', 'inventoryUrl', 'environmentId'],
};

/**
 * One company of Business Central, one Dataverse organization, or one legal entity of Supply Chain Management with its
 * Inventory Visibility service. "Dynamics 365" is all three, so which one it is comes first.
 */
const shape = {
  account: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'Write an id as it is: letters, digits, - and _ only.')
    .describe(
      'Business Central: id of the company (GET …/companies). Dataverse: id of the organization. Supply Chain: the legal entity, like usmf',
    ),
  flavour: z
    .enum(FLAVOURS)
    .default('business-central')
    .describe('Which product it is: business-central, dataverse (Sales) or supply-chain (with Inventory Visibility)'),
  tenantId: guid.describe('Directory (tenant) ID: Microsoft Entra admin center > App registrations > the app'),
  clientId: guid.describe('Application (client) ID of the app registration'),
  clientSecret: secret().describe('Client secret of the app: Certificates & secrets > New client secret, its Value'),
  environment: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .default('Production')
    .describe('Business Central: name of the environment, as the admin center shows it'),
  apiUrl: webAddress()
    .optional()
    .describe(
      'Dataverse: https://yourorg.crm4.dynamics.com. Supply Chain: https://yourenv.operations.dynamics.com. Business Central: leave empty',
    ),
  inventoryUrl: webAddress()
    .optional()
    .describe(
      'Supply Chain: address of Inventory Visibility, like https://inventoryservice.weu-il101.gateway.prod.island.powerapps.com',
    ),
  securityUrl: webAddress().optional().describe('Supply Chain: another address of the security service; usually empty'),
  loginUrl: webAddress()
    .optional()
    .describe('Another address than https://login.microsoftonline.com (national clouds)'),
  environmentId: guid.optional().describe('Supply Chain: id of the environment, as Lifecycle Services shows it'),
  dataSource: name
    .default('onhand')
    .describe('Supply Chain: the data source made for Onhand in Inventory Visibility > Configuration > Data sources'),
  measure: name
    .default('sellable')
    .describe('Supply Chain: the physical measure of that data source which Onhand sets'),
  remainingColumn: name
    .optional()
    .describe(
      'Supply Chain: column of SalesOrderLines with the quantity that remains to be delivered, where somebody has added one',
    ),
  webhookSecret: secret()
    .optional()
    .describe('What proves that a notification is meant for us; Onhand makes one when it registers the webhook'),
  accessToken: secret().optional().describe('Set by Onhand: the current token'),
  accessTokenEndsAtMs: z.number().int().positive().optional().describe('Set by Onhand: when it ends'),
  inventoryToken: secret().optional().describe('Set by Onhand: the current token of Inventory Visibility'),
};
type Shape = typeof shape;

export const dynamicsConfig = z.object(shape).superRefine((config, context) => {
  for (const field of NEEDS[config.flavour]) {
    if (config[field] !== undefined) continue;
    context.addIssue({ code: 'custom', path: [field], message: `${config.flavour} needs this: ${field}.` });
  }
  if (config.flavour === 'business-central' && !guid.safeParse(config.account).success)
    context.addIssue({ code: 'custom', path: ['account'], message: 'Write the id of the company, not its name.' });
});

export type DynamicsConfig = z.infer<typeof dynamicsConfig>;
