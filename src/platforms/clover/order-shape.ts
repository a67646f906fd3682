import { z } from 'zod';

const id = z.string().min(1);
const text = z.string().nullish();
const flag = z.boolean().nullish();
const time = z.number().nullish();
const reference = z.object({ id: text }).nullish();

/** Clover wraps every nested list: `{elements: […]}`. */
const list = <T extends z.ZodType>(row: T) => z.object({ elements: z.array(row).nullish() }).nullish();

/** One line per unit sold; only items sold by weight or length carry an amount, `unitQty`, in thousandths. */
export const lineShape = z.object({
  id,
  item: reference,
  unitQty: z.number().nullish(),
  unitName: text,
  itemCode: text,
  refunded: flag,
  exchanged: flag,
  isOrderFee: flag,
});

const payment = z.object({ id: text, result: text, createdTime: time });

/** What stock needs of a Clover order, everything optional that Clover may leave out. */
export const orderShape = z.object({
  id,
  state: text,
  paymentState: text,
  testMode: flag,
  createdTime: time,
  clientCreatedTime: time,
  modifiedTime: time,
  deletedTime: time,
  deletedTimestamp: time,
  lineItems: list(lineShape),
  payments: list(payment),
  voids: list(payment),
  refunds: list(z.object({ lineItems: list(z.object({ id: text })), voided: flag })),
});

export type CloverOrder = z.infer<typeof orderShape>;
export type CloverLine = z.infer<typeof lineShape>;

/** Lists inside an order stop here; there may be more. */
const NESTED_MAX = 100;

export const linesOf = (order: CloverOrder): CloverLine[] => order.lineItems?.elements ?? [];

/** May this order have lines that are not in it? */
export const isCut = (order: CloverOrder): boolean => linesOf(order).length >= NESTED_MAX;
