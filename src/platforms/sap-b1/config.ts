import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/** What one company in SAP Business One hands us. */
export const sapConfig = z.object({
  account: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9_.$#-]{1,100}$/, 'Write the name of the company database, like SBODEMOUS.')
    .describe('Name of the company database (CompanyDB), like SBODEMOUS; the same company must not be connected twice'),
  url: webAddress().describe('Address of the Service Layer, like https://sap.example.com:50000'),
  userName: z.string().trim().min(1).describe('User code of the SAP Business One user that Onhand logs in as'),
  password: secret(z.string().min(1)).describe('Password of that user'),
  session: secret(z.string().min(1)).optional().describe('Set by Onhand: the session it is logged in with'),
  sessionEndsAtMs: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('Set by Onhand: until when the session surely lives'),
  timeZone: z
    .string()
    .trim()
    .refine(isTimeZone, 'Write a time zone like Europe/Berlin.')
    .default('UTC')
    .describe('Time zone of the SAP server, like Europe/Berlin: documents carry its clock without saying so'),
  branch: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('Number of the branch (BPLId) that stock documents are posted to; only where branches are used'),
  increaseAccount: z
    .string()
    .trim()
    .min(1)
    .optional()
    .describe('G/L account of goods receipts; empty: the one of the item or warehouse'),
  decreaseAccount: z
    .string()
    .trim()
    .min(1)
    .optional()
    .describe('G/L account of goods issues; empty: the one of the item or warehouse'),
});

export type SapConfig = z.infer<typeof sapConfig>;
