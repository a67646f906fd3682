import { z } from 'zod';
import { utcOf } from '../api.ts';

const text = z.string().nullish();

const placed = z.object({
  ProductID: text,
  SKU: text,
  Location: text,
  LocationID: text,
  Quantity: z.unknown().optional(),
});
const paper = z.object({ Status: text, Lines: z.array(placed).nullish() });

/** What stock needs of `GET /sale`. */
export const saleShape = z.object({
  ID: z.string().min(1),
  Status: text,
  Location: text,
  LastModifiedOn: text,
  SaleOrderDate: text,
  SourceChannel: text,
  ExternalID: text,
  CombinedPaymentStatus: text,
  Order: z
    .object({
      Status: text,
      SaleOrderNumber: text,
      Lines: z
        .array(
          z.object({
            ProductID: text,
            SKU: text,
            Quantity: z.unknown().optional(),
            BackorderQuantity: z.unknown().optional(),
            DropShip: z.boolean().nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
  Fulfilments: z
    .array(
      z.object({
        FulFilmentStatus: text,
        Pick: paper.nullish(),
        Ship: z
          .object({ Status: text, Lines: z.array(z.object({ IsShipped: z.boolean().nullish() })).nullish() })
          .nullish(),
      }),
    )
    .nullish(),
  CreditNotes: z.array(z.object({ Status: text, RestockStatus: text, Restock: z.array(placed).nullish() })).nullish(),
});
export type Sale = z.infer<typeof saleShape>;
export type Placed = z.infer<typeof placed>;

/** Papers in these states ask nothing of stock. */
const IDLE = ['DRAFT', 'VOIDED', 'NOT AVAILABLE', ''];
const UNSOLD = ['DRAFT', 'VOIDED', 'ESTIMATING', 'ESTIMATED', 'ORDERING'];

export const isDone = (status: string | null | undefined): boolean =>
  !IDLE.includes((status ?? '').trim().toUpperCase());

/** Is the order authorised? That is when Cin7 allocates. */
export const isSold = ({ Status, Order }: Sale): boolean =>
  isDone(Order?.Status) && !UNSOLD.includes((Status ?? '').trim().toUpperCase());

const DAY_MS = 86_400_000;

/**
 * The order's date has no hour. Taken as midnight, an order of this afternoon would be older than an opening at noon and
 * never be counted: so it is the last moment that the date and the last change allow, wherever on earth.
 */
export function boughtAt({ SaleOrderDate, LastModifiedOn }: Sale): string {
  const day = utcOf(SaleOrderDate);
  const changed = utcOf(LastModifiedOn);
  if (!day) return changed ?? '1970-01-01T00:00:00Z';
  const latest = Date.parse(day) + 1.5 * DAY_MS;
  return changed && Date.parse(changed) < latest ? changed : new Date(latest).toISOString();
}
