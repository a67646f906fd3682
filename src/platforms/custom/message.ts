import { z } from 'zod';
import { quantity, readQuantity } from '../../platform/index.ts';

// What the other system says. Unknown members are let through, so that it can send what it has; what we read is strict, so
// that a mistake is answered at once and not found in the stock a week later.

/** A number of units, or a decimal string; never negative. */
const units = z.union([z.number(), z.string()]).transform((value, context) => {
  try {
    const read = readQuantity(value);
    if (read >= 0) return read;
  } catch {
    // Told below in the sender's words.
  }
  context.addIssue({
    code: 'custom',
    message: 'a number of units from 0 on, as a number or as text like "2" or "1.5"',
  });
  return z.NEVER;
});

/** Text, or a number that kept its digits. */
const id = z
  .union([z.string().min(1).max(200), z.number().int().nonnegative()], { error: 'text of 1 to 200 characters' })
  .transform(String);

const sku = z.string({ error: 'the SKU as text' }).min(1).max(200);
const place = id.nullish().transform((value) => value ?? null);
const time = z.iso.datetime({ offset: true, error: 'an ISO 8601 time with its zone, like 2026-11-24T08:00:00.000Z' });

const line = z
  .object({
    id: id.optional(),
    sku,
    quantity: units,
    fulfilled: units.optional(),
    cancelled: units.optional(),
    restocked: units.optional(),
    location: place,
  })
  .refine((one) => quantity((one.fulfilled ?? 0) + (one.cancelled ?? 0)) <= one.quantity, {
    message:
      'fulfilled and cancelled together are more than quantity (quantity is what was ordered, cancelled units included)',
  });

/** An order as it stands, in the sender's words. */
export const orderMessage = z
  .object({
    id,
    updatedAt: time.optional(),
    version: z
      .union([z.number().int().nonnegative(), z.string().regex(/^\d{1,30}$/)], { error: 'a whole number from 0 on' })
      .transform(String)
      .optional(),
    createdAt: time,
    paid: z.boolean().optional(),
    status: z.string().max(100).optional(),
    channel: z.string().max(100).nullish(),
    copiedFrom: z.object({ system: z.string().min(1).max(200), id }).nullish(),
    lines: z.array(line).max(10_000),
  })
  .refine((order) => order.updatedAt !== undefined || order.version !== undefined, {
    path: ['updatedAt'],
    message: 'needed, or version: it tells which of two messages about this order is the newer one',
  })
  .superRefine(({ lines }, context) => {
    const skus = new Map<string, string>();
    for (const [index, one] of lines.entries()) {
      if (one.id === undefined) continue;
      const known = skus.get(one.id);
      if (known !== undefined && known !== one.sku)
        context.addIssue({
          code: 'custom',
          path: ['lines', index, 'id'],
          message: 'another line with another SKU has it',
        });
      skus.set(one.id, one.sku);
    }
  });
export type OrderMessage = z.infer<typeof orderMessage>;

export const ORDER_EVENTS = [
  'order.created',
  'order.paid',
  'order.updated',
  'order.cancelled',
  'order.fulfilled',
  'order.refunded',
  'order.deleted',
  'checkout.complete',
] as const;
export type OrderEvent = (typeof ORDER_EVENTS)[number];

const orderEvent = z.object({ type: z.enum(ORDER_EVENTS), data: orderMessage });

const levelsEvent = z.object({
  type: z.literal('levels.updated'),
  data: z.object({
    levels: z
      .array(
        z.object({ sku, location: place, available: z.union([z.number(), z.string()]).transform(readLevel), at: time }),
      )
      .max(10_000),
  }),
});

/** A level may be below zero: the other system sold what it did not have. */
function readLevel(value: number | string, context: z.RefinementCtx): number {
  try {
    return readQuantity(value);
  } catch {
    context.addIssue({ code: 'custom', message: 'a number of units, as a number or as text' });
    return z.NEVER;
  }
}

const anyEvent = z.object({ type: z.string({ error: 'what happened, like "order.created"' }).min(1).max(100) });

export type Message = z.infer<typeof orderEvent> | z.infer<typeof levelsEvent>;

/**
 * Reads one message.
 * @returns undefined for a type that says nothing about stock: senders may send everything they have.
 * @throws Error whose message names each wrong member.
 */
export function readMessage(body: unknown): Message | undefined {
  const { type } = told(anyEvent, body);
  if ((ORDER_EVENTS as readonly string[]).includes(type)) return told(orderEvent, body);
  return type === 'levels.updated' ? told(levelsEvent, body) : undefined;
}

/** @throws Error in one sentence: `data.lines.0.quantity: …; data.createdAt: …`. */
export function told<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issues = read.error.issues
    .slice(0, 10)
    .map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
  throw new Error(issues.join('; '));
}
