import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/** Which of Odoo's three ways in is spoken. */
const PROTOCOLS = ['json2', 'jsonrpc', 'xmlrpc'] as const;

/** What one Odoo database hands us: a user of its own for Onhand, with an API key. */
export const odooConfig = z
  .object({
    account: z
      .string()
      .trim()
      .min(1)
      .describe('A name for this database, unique among your channels, like erp.example.com'),
    url: webAddress().describe('Address of Odoo, as in the browser, like https://erp.example.com'),
    database: z
      .string()
      .trim()
      .min(1)
      .describe('Name of the database (Settings with developer mode on, or the list on the login page)'),
    apiKey: secret().describe(
      'API key of the user for Onhand (its preferences > Account Security > New API Key); it ends on the day chosen there',
    ),
    apiKeyEndsOn: z
      .string()
      .trim()
      .regex(/^\d{4}-\d\d-\d\d$/, 'Write a date, like 2027-02-28.')
      .optional()
      .describe('Day on which the API key ends, so that Onhand warns before'),
    protocol: z
      .enum(PROTOCOLS)
      .default('json2')
      .describe(
        'json2 for Odoo 19 and newer, jsonrpc for 17 and 18; xmlrpc only where a proxy lets nothing else through',
      ),
    version: z.enum(['17', '18', '19']).default('19').describe('Version of Odoo (Settings > About); 19 for newer ones'),
    login: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('Login of the user for Onhand; needed by jsonrpc and xmlrpc, not by json2'),
    pointOfSale: z.boolean().default(false).describe('Orders of the Point of Sale app are sales as well'),
    hideOversold: z
      .boolean()
      .default(false)
      .describe(
        'Raise the number on hand of a product that Odoo promised beyond its stock, so that it shows 0 instead of less; off: it is left alone and listed',
      ),
    companyId: z
      .string()
      .trim()
      .regex(/^\d{1,15}$/, 'Write digits, as in the address of the company.')
      .optional()
      .describe('Id of the company, where the database holds several and not all of them are meant'),
    webhookSecret: secret()
      .optional()
      .describe(
        'Part of the address that Odoo calls, because Odoo signs nothing; set by Onhand, or a long random text',
      ),
  })
  .superRefine((config, context) => {
    if (config.protocol === 'json2' || config.login) return;
    context.addIssue({ code: 'custom', path: ['login'], message: `${config.protocol} asks for a login: add it.` });
  });

export type OdooConfig = z.infer<typeof odooConfig>;
