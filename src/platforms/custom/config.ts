import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/** `whsec_` and base64 of 24 to 64 random bytes, as Standard Webhooks asks for. */
const SIGNING_SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

/** A system that is on no list: what it calls itself, what both sides sign with, and where it answers, if it does. */
export const customConfig = z.object({
  account: z
    .string()
    .trim()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'Choose a short name of small letters, digits, "-", "_" and ".".')
    .describe('What you call this system; it sends this name in the header x-onhand-account'),
  webhookSecret: secret(
    z
      .string()
      .trim()
      .regex(SIGNING_SECRET, 'Make one with: echo "whsec_$(openssl rand -base64 32)" and give it to both sides.'),
  ).describe('Signing secret, whsec_…: your system signs what it sends with it, and we what we send to it'),
  baseUrl: webAddress()
    .optional()
    .describe(
      'Where your system answers our questions (listings, levels, orders); leave empty if it only sends orders',
    ),
  skus: z
    .array(z.string().min(1).max(200))
    .max(100_000)
    .optional()
    .describe('Without an address: the SKUs it sells. Others are learned from its orders'),
  lowersItself: z
    .enum(['created', 'paid', 'fulfilled', 'never'])
    .optional()
    .describe('When your system lowers its own stock number for an order; empty means when the order is created'),
});

export type CustomConfig = z.infer<typeof customConfig>;

/** It listens to nobody: orders come, and nothing can be asked or told. */
export const onlySends = (config: CustomConfig): boolean => !config.baseUrl;
