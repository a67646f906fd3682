/**
 * Which of NetSuite's transactions are documents of ours.
 *  - order: a sales order, with whatever was shipped or billed out of stock for it.
 *  - sale: a cash sale or an invoice of its own, which takes goods off the shelf by itself.
 *  - return: what puts goods of a customer back on the shelf: the receipt of a return, a credit memo or a cash refund.
 */
export type DocKind = 'order' | 'sale' | 'return';

/** By SuiteQL's `transaction.type`. */
const KINDS: Record<string, DocKind> = {
  SalesOrd: 'order',
  CashSale: 'sale',
  CustInvc: 'sale',
  ItemRcpt: 'return',
  CustCred: 'return',
  CashRfnd: 'return',
};

/** By the script's `record.type`. */
const TYPES: Record<string, string> = {
  salesorder: 'SalesOrd',
  itemfulfillment: 'ItemShip',
  cashsale: 'CashSale',
  invoice: 'CustInvc',
  itemreceipt: 'ItemRcpt',
  creditmemo: 'CustCred',
  cashrefund: 'CashRfnd',
  returnauthorization: 'RtnAuth',
};

/** Types that move stock without a customer. */
export const MOVES = ['InvAdjst', 'InvTrnfr', 'Build', 'Unbuild', 'InvCount', 'TrnfrOrd', 'WorkOrd'] as const;

export const FEED_TYPES = ['SalesOrd', 'ItemShip', 'CashSale', 'CustInvc', 'ItemRcpt', 'CustCred', 'CashRfnd'] as const;

export const typeOfRecord = (recordType: string): string | undefined => TYPES[recordType];
export const kindOf = (type: string | undefined): DocKind | undefined => KINDS[type ?? ''];

/** What takes goods off the shelf for an order. */
export const LOWERS: readonly string[] = ['ItemShip', 'CashSale', 'CustInvc'];

/**
 * The document that a transaction belongs to. A fulfilment, and a bill that is made from an order, are part of the order.
 * undefined: none of ours (a receipt from a vendor, a transfer).
 */
export function docOfTransaction(
  type: string,
  id: string,
  from: { type: string | undefined; id: string | undefined },
): string | undefined {
  if (LOWERS.includes(type) && from.type === 'SalesOrd' && from.id) return `order:${from.id}`;
  if (type === 'ItemShip') return undefined;
  if (type === 'ItemRcpt' && from.type !== 'RtnAuth') return undefined;
  const kind = kindOf(type);
  return kind && `${kind}:${id}`;
}
