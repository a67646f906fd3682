import { z } from 'zod';
import type { Doc, Line } from '../../../domain/document.ts';
import { emptyPart } from '../../../domain/document.ts';
import { quantity, readQuantity } from '../../../domain/quantity.ts';
import { utcOf } from '../api.ts';
import { omniId } from './catalogue.ts';

const text = z.string().nullish();
const maybeId = omniId.nullish();

const base = z.object({
  id: omniId,
  reference: text,
  createdDate: text,
  modifiedDate: text,
  status: z.union([z.string(), z.number()]).nullish(),
  stage: text,
  isApproved: z.boolean().nullish(),
  isVoid: z.boolean().nullish(),
  branchId: maybeId,
  distributionBranchId: maybeId,
  source: text,
});
const line = z.object({
  id: maybeId,
  productOptionId: maybeId,
  code: text,
  qty: z.unknown().optional(),
  qtyShipped: z.unknown().optional(),
});
const orderShape = base.extend({
  dispatchedDate: text,
  cancellationDate: text,
  customerOrderNo: text,
  lineItems: z.array(line).nullish(),
});
const creditShape = base.extend({ completedDate: text, salesReference: text, lineItems: z.array(line).nullish() });

type Base = z.infer<typeof base>;

const isVoid = (paper: Base): boolean => paper.isVoid === true || /void/i.test(String(paper.status ?? ''));
const counts = (paper: Base): boolean =>
  !isVoid(paper) && paper.isApproved !== false && !/^draft$/i.test(String(paper.status ?? ''));
const branchOf = ({ distributionBranchId: sent, branchId }: Base): string | null =>
  [sent, branchId].find((id) => id !== null && id !== undefined && id !== '0') ?? null;

/** Made by a person or by another application on this account: no shop of its own. */
const HOUSE = /^(api|backend|cin7|pos|b2b|manual)?$/i;

function frame(paper: Base, account: string, kind: 'sale' | 'return', lines: Line[]): Doc {
  const source = paper.source?.trim() ?? '';
  const reference = paper.reference?.trim();
  return {
    account,
    doc: `${kind}:${paper.id}`,
    rev: utcOf(paper.modifiedDate),
    whole: true,
    ...(!HOUSE.test(source) && reference && { origin: { source, id: reference } }),
    ...(source && { source }),
    saleAt: utcOf(paper.createdDate) ?? utcOf(paper.modifiedDate) ?? '1970-01-01T00:00:00Z',
    state: isVoid(paper) ? 'VOID' : paper.stage?.trim() || String(paper.status ?? '') || 'New',
    lines,
  };
}

const listingOf = (id: string | null | undefined): string | null => (id && id !== '0' ? id : null);

/**
 * A sales order. Approved it is in "open sales" and off what is available; `qtyShipped` has left, and all of it once the
 * order has a dispatched date.
 * @throws Error on another shape, or a quantity that no stock can have.
 */
export function orderDoc(row: unknown, account: string): Doc {
  const order = orderShape.parse(row);
  const sold = counts(order);
  const location = branchOf(order);
  const lines = (order.lineItems ?? []).flatMap((one, index): Line[] => {
    const listing = listingOf(one.productOptionId);
    if (listing === null) return [];
    const units = sold ? readQuantity(one.qty ?? 0) : 0;
    const shipped = sold ? readQuantity(one.qtyShipped ?? 0) : 0;
    const out = order.dispatchedDate ? units : Math.max(0, Math.min(units, shipped));
    const part = { ...emptyPart, location, committed: quantity(units - out), out, taken: units };
    return [{ line: one.id ?? `${listing}@${index}`, listing, ...(one.code && { sku: one.code }), parts: [part] }];
  });
  return frame(order, account, 'sale', lines);
}

/** A credit note: quantities below zero. Goods are on the shelf again when it is completed. */
export function creditDoc(row: unknown, account: string): Doc {
  const credit = creditShape.parse(row);
  const back = counts(credit) && Boolean(credit.completedDate);
  const location = branchOf(credit);
  const lines = (credit.lineItems ?? []).flatMap((one, index): Line[] => {
    const listing = listingOf(one.productOptionId);
    if (listing === null) return [];
    const units = back ? quantity(-Math.abs(readQuantity(one.qty ?? 0))) : 0;
    const part = { ...emptyPart, location, out: units, taken: units };
    return [{ line: one.id ?? `${listing}@${index}`, listing, ...(one.code && { sku: one.code }), parts: [part] }];
  });
  return frame(credit, account, 'return', lines);
}
