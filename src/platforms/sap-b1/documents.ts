/**
 * The sets whose documents are documents of ours, in the order in which they are told: what lowers stock before what
 * promises it, else an order would look shipped, and its units free, until its delivery is heard of.
 */
export const SETS = ['DeliveryNotes', 'Invoices', 'Returns', 'CreditNotes', 'Orders'] as const;
export type DocSet = (typeof SETS)[number];

const PREFIXES: Record<DocSet, string> = {
  Orders: 'order',
  DeliveryNotes: 'delivery',
  Invoices: 'invoice',
  Returns: 'return',
  CreditNotes: 'credit',
};

/** SAP's object types, as `BaseType` names them. */
export const ORDER = 17;
export const DELIVERY = 15;
export const INVOICE = 13;
export const RETURN = 16;

export const docName = (set: DocSet, entry: number): string => `${PREFIXES[set]}:${entry}`;

/** @returns undefined for anything that is not a name of ours. */
export function readDocName(name: string): { set: DocSet; entry: number } | undefined {
  const [, prefix, digits] = /^([a-z]+):(\d{1,10})$/.exec(name) ?? [];
  const set = SETS.find((one) => PREFIXES[one] === prefix);
  return set && { set, entry: Number(digits) };
}
