import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/**
 * What one Cin7 account hands us. Two products share the brand and nothing else:
 *  - Core (formerly DEAR): account ID and application key, webhooks with the paid Automation module.
 *  - Omni: API user name and key, no webhooks.
 */
export const cin7Config = z.object({
  product: z.enum(['core', 'omni']).default('core').describe('Which of the two products: core (formerly DEAR) or omni'),
  account: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .describe(
      'Core: the Account ID (Integrations > API). Omni: the API Username (Settings > Integrations & API > API v1)',
    ),
  apiKey: secret().describe('Core: the Application Key of the API application. Omni: the key of the API connection'),
  webhookSecret: secret(z.string().trim().min(16, 'Use at least 16 characters.'))
    .optional()
    .describe('Core: a long word that Cin7 sends with each webhook; made by Onhand when it registers them'),
  goneWhen: z
    .enum(['picked', 'shipped'])
    .default('shipped')
    .describe('Core: when goods count as gone; what can be sold is the same either way'),
  unitCost: z
    .number()
    .min(0)
    .default(0)
    .describe('Core: cost of a unit that an adjustment adds, where the product has no average cost yet'),
  omniQuantity: z
    .enum(['difference', 'counted'])
    .default('difference')
    .describe('Omni: what the quantity of an adjustment line means in this account; test it with one unit first'),
  apiUrl: webAddress().optional().describe('Another address of the API; mostly left empty'),
});

export type Cin7Config = z.infer<typeof cin7Config>;
