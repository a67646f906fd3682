import { z } from 'zod';

const id = z.string().min(1);
const money = z.object({ amount: z.union([z.number(), z.string()]).nullish() });

const saleLine = z.object({
  uid: z.string().nullish(),
  quantity: z.string(),
  catalog_object_id: z.string().nullish(),
  item_type: z.string().nullish(),
});

const fulfilment = z.object({
  uid: z.string().nullish(),
  state: z.string().nullish(),
  line_item_application: z.string().nullish(),
  entries: z.array(z.object({ line_item_uid: z.string(), quantity: z.string() })).nullish(),
});

const details = z.object({ status: z.string().nullish() }).nullish();

/** Money given or only promised: `details` of card, bank, wallet and instalments say which; cash has none. */
const tender = z.object({
  created_at: z.string().nullish(),
  card_details: details,
  bank_account_details: details,
  buy_now_pay_later_details: details,
  square_account_details: details,
});

const returnLine = saleLine.extend({ source_line_item_uid: z.string().nullish() });

/**
 * What stock needs of a Square `Order`, everything optional that Square may leave out: till orders have no version and no
 * fulfilments, returns have no line items.
 */
export const orderShape = z.object({
  id,
  location_id: id,
  reference_id: z.string().nullish(),
  source: z.object({ name: z.string().nullish() }).nullish(),
  state: z.string().nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
  closed_at: z.string().nullish(),
  line_items: z.array(saleLine).nullish(),
  fulfillments: z.array(fulfilment).nullish(),
  returns: z
    .array(
      z.object({
        uid: z.string().nullish(),
        source_order_id: z.string().nullish(),
        return_line_items: z.array(returnLine).nullish(),
      }),
    )
    .nullish(),
  refunds: z.array(z.object({ id, tender_id: z.string().nullish() })).nullish(),
  tenders: z.array(tender).nullish(),
  total_money: money.nullish(),
  net_amount_due_money: money.nullish(),
});

export type SquareOrder = z.infer<typeof orderShape>;
export type SaleLine = z.infer<typeof saleLine>;
export type Tender = z.infer<typeof tender>;
export type ReturnLine = z.infer<typeof returnLine>;
export type Fulfilment = z.infer<typeof fulfilment>;
