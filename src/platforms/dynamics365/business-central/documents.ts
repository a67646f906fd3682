import { z } from 'zod';
import type { Doc, Line } from '../../../domain/document.ts';
import { type Quantity, quantity, readQuantity } from '../../../domain/quantity.ts';
import { NO_LOCATION } from '../../../platform/contract.ts';
import { idOf } from '../api.ts';

const line = z.object({
  sequence: z.union([z.number(), z.string()]),
  itemId: z.string().nullish(),
  lineType: z.string().nullish(),
  lineObjectNumber: z.string().nullish(),
  quantity: z.unknown().optional(),
  shippedQuantity: z.unknown().optional(),
});
type DocumentLine = z.infer<typeof line>;

const header = {
  id: z.string().min(1),
  number: z.string().nullish(),
  status: z.string().nullish(),
  externalDocumentNumber: z.string().nullish(),
  lastModifiedDateTime: z.string(),
};

export const orderShape = z.object({
  ...header,
  orderDate: z.string().nullish(),
  salesOrderLines: z.array(line),
});
export const invoiceShape = z.object({
  ...header,
  invoiceDate: z.string().nullish(),
  orderId: z.string().nullish(),
  salesInvoiceLines: z.array(line),
});
export const memoShape = z.object({
  ...header,
  creditMemoDate: z.string().nullish(),
  salesCreditMemoLines: z.array(line),
});
type Order = z.infer<typeof orderShape>;
export type Invoice = z.infer<typeof invoiceShape>;
type Memo = z.infer<typeof memoShape>;

/** Not posted yet: nothing has moved. */
const isDraft = ({ status }: { status?: string | null }): boolean => status === 'Draft' || status === 'In Review';

/** The order that an invoice was posted from. */
export const orderOf = (invoice: Invoice): string | undefined => idOf(invoice.orderId);

/**
 * An open order. What it has not shipped is promised; what it has shipped is off the inventory.
 * @throws QuantityError on a line with a quantity that no stock can have.
 */
export const docOfOrder = (order: Order, account: string): Doc => ({
  account,
  doc: `order:${order.id.toLowerCase()}`,
  ...shared(order, order.orderDate),
  lines: itemLines(order.salesOrderLines, (units, shipped) => ({
    // A negative line brings goods back once it is posted; it promises nothing.
    committed: quantity(Math.max(0, units - Math.max(0, shipped))),
    out: shipped,
  })),
});

/**
 * An order that is no more: posted in full it is deleted, and its invoices say what went. One deleted after it was invoiced
 * in part sent what those invoices say, too.
 */
export function docOfInvoices(order: string, invoices: Invoice[], account: string): Doc | undefined {
  const posted = invoices.filter((invoice) => !isDraft(invoice));
  const [first] = posted;
  if (!first) return undefined;
  const newest = posted.reduce((a, b) =>
    Date.parse(b.lastModifiedDateTime) > Date.parse(a.lastModifiedDateTime) ? b : a,
  );
  const lines = new Map<string, Line>();
  for (const one of posted.flatMap(({ salesInvoiceLines }) => itemLines(salesInvoiceLines, gone))) {
    const known = lines.get(one.line);
    const part = one.parts[0]!;
    const before = known?.parts[0];
    const sum = (name: 'out' | 'taken') => quantity((before?.[name] ?? 0) + part[name]);
    lines.set(one.line, { ...one, parts: [{ ...part, out: sum('out'), taken: sum('taken') }] });
  }
  return { account, doc: `order:${order}`, ...shared(newest, first.invoiceDate), lines: [...lines.values()] };
}

/** An invoice without an order: a draft promises, a posted one has moved the goods. */
export const docOfInvoice = (invoice: Invoice, account: string): Doc => ({
  account,
  doc: `invoice:${invoice.id.toLowerCase()}`,
  ...shared(invoice, invoice.invoiceDate),
  lines: itemLines(
    invoice.salesInvoiceLines,
    isDraft(invoice) ? (units) => ({ committed: Math.max(0, units), out: 0 }) : gone,
  ),
});

/** Posting a credit memo puts its item lines back into inventory; money alone is credited on a line of another type. */
export const docOfMemo = (memo: Memo, account: string): Doc => ({
  account,
  doc: `credit:${memo.id.toLowerCase()}`,
  ...shared(memo, memo.creditMemoDate),
  lines: itemLines(memo.salesCreditMemoLines, (units) => ({ committed: 0, out: isDraft(memo) ? 0 : quantity(-units) })),
});

const gone = (units: Quantity) => ({ committed: 0, out: units });

function shared(
  document: { status?: string | null; externalDocumentNumber?: string | null; lastModifiedDateTime: string },
  date: string | null | undefined,
): Pick<Doc, 'rev' | 'whole' | 'saleAt' | 'state'> {
  return {
    rev: document.lastModifiedDateTime,
    whole: true,
    saleAt: saleAt(date, document.lastModifiedDateTime),
    ...(document.status && { state: document.status }),
  };
}

/** The last moment at which it is still this date somewhere (UTC-12). */
const DAY_ENDS_MS = 36 * 3_600_000 - 1;

/**
 * Business Central keeps a date without a time, in the company's own zone. Not later than the last change, and not later than
 * the end of that day. Rather late than early: a sale that seems older than a count would be taken as counted.
 */
function saleAt(date: string | null | undefined, changed: string): string {
  const changedMs = Date.parse(changed);
  const dayMs =
    /^\d{4}-\d\d-\d\d$/.test(date ?? '') && !date!.startsWith('0001') ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  const known = [changedMs, dayMs + DAY_ENDS_MS].filter((ms) => Number.isFinite(ms));
  return new Date(known.length > 0 ? Math.min(...known) : 0).toISOString();
}

type Split = (units: Quantity, shipped: Quantity) => { committed: Quantity; out: Quantity };

/** Lines of other types (accounts, resources, charges) and texts have no stock. */
function itemLines(lines: DocumentLine[], split: Split): Line[] {
  return lines.flatMap((one) => {
    const listing = idOf(one.itemId);
    if (!listing || (one.lineType ?? 'Item') !== 'Item') return [];
    const { committed, out } = split(readQuantity(one.quantity ?? 0), readQuantity(one.shippedQuantity ?? 0));
    const part = { location: NO_LOCATION, committed, out, returned: 0, taken: out };
    return [
      {
        line: String(one.sequence),
        listing,
        ...(one.lineObjectNumber && { sku: one.lineObjectNumber }),
        parts: [part],
      },
    ];
  });
}
