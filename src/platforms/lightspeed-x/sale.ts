import { z } from 'zod';

const id = z.string().min(1);
const version = z.union([z.number(), z.string()]).nullish();
const text = z.string().nullish();

/** What stock needs of a sale, in the words of the dated API. */
export interface Sale {
  id: string;
  version: string | null;
  state: 'parked' | 'pending' | 'voided' | 'closed';
  /** `layby`, `onaccount`, `pickup`, `delivery`, `service`. */
  attributes: string[];
  /** For people. */
  word: string;
  outlet: string | null;
  saleAt: string;
  returnFor: string | null;
  origin: { source: string; id: string } | null;
  lines: { id: string | null; product: string | null; quantity: unknown; outlet: string | null }[];
}

/** By the vendor's own table; every other word is a state that Onhand does not know. */
const BY_STATUS: Record<string, [Sale['state'], ...string[]]> = {
  SAVED: ['parked'],
  OPEN: ['pending'],
  VOIDED: ['voided'],
  CLOSED: ['closed'],
  ONACCOUNT: ['pending', 'onaccount'],
  ONACCOUNT_CLOSED: ['closed', 'onaccount'],
  LAYBY: ['pending', 'layby'],
  LAYBY_CLOSED: ['closed', 'layby'],
  AWAITING_DISPATCH: ['pending', 'delivery'],
  DISPATCHED_CLOSED: ['closed', 'delivery'],
  AWAITING_PICKUP: ['pending', 'pickup'],
  PICKED_UP_CLOSED: ['closed', 'pickup'],
  SERVICE: ['pending', 'service'],
  SERVICE_CLOSED: ['closed', 'service'],
};

const hookShape = z.object({
  id,
  version,
  status: z.string(),
  outlet_id: text,
  sale_date: text,
  created_at: text,
  updated_at: text,
  deleted_at: text,
  return_for: text,
  source: text,
  source_id: text,
  register_sale_products: z
    .array(z.object({ id: text, product_id: text, quantity: z.unknown(), fulfilment_outlet_id: text }))
    .nullish(),
});

/**
 * A sale as webhooks carry it: the shape of API 1.0.
 * @throws Error on another shape, or a status that Onhand does not know: counting it wrongly is worse than showing it.
 */
export function saleOfHook(payload: unknown): Sale {
  const sale = hookShape.parse(payload);
  const known = BY_STATUS[sale.status];
  if (!known) throw new Error(`a sale with the unknown status ${sale.status.slice(0, 40)}`);
  const [state, ...attributes] = known;
  return {
    id: sale.id,
    version: versionText(sale.version),
    state: sale.deleted_at ? 'voided' : state,
    attributes,
    word: sale.status,
    outlet: sale.outlet_id || null,
    saleAt: firstTime(sale.sale_date, sale.created_at, sale.updated_at),
    returnFor: sale.return_for || null,
    origin: originOf(sale.source, sale.source_id),
    lines: (sale.register_sale_products ?? []).map((line) => ({
      id: line.id || null,
      product: line.product_id || null,
      quantity: line.quantity,
      outlet: line.fulfilment_outlet_id || null,
    })),
  };
}

const fetchedShape = z.object({
  id,
  state: z.enum(['parked', 'pending', 'voided', 'closed']),
  attributes: z.array(z.string()).nullish(),
  source: z.object({ outlet_id: text, id: text, type: text }).nullish(),
  return: z.object({ is_return: z.boolean().nullish(), original_sale_id: text }).nullish(),
  line_items: z
    .array(
      z.object({
        id: text,
        product: z.object({ id: text }).nullish(),
        quantity: z.unknown(),
        fulfilment_outlet_id: text,
      }),
    )
    .nullish(),
  date: text,
  created_at: text,
  updated_at: text,
  deleted_at: text,
  _metadata: z.object({ version }).nullish(),
});

/** A sale as the dated API answers it. @throws Error on another shape. */
export function saleOfApi(row: unknown): Sale {
  const sale = fetchedShape.parse(row);
  const attributes = [...new Set(sale.attributes ?? [])].sort();
  return {
    id: sale.id,
    version: versionText(sale._metadata?.version),
    state: sale.deleted_at ? 'voided' : sale.state,
    attributes,
    word: wordOf(sale.state, attributes),
    outlet: sale.source?.outlet_id || null,
    saleAt: firstTime(sale.date, sale.created_at, sale.updated_at),
    returnFor: sale.return?.original_sale_id || null,
    origin: originOf(sale.source?.type, sale.source?.id),
    lines: (sale.line_items ?? []).map((line) => ({
      id: line.id || null,
      product: line.product?.id || null,
      quantity: line.quantity,
      outlet: line.fulfilment_outlet_id || null,
    })),
  };
}

/** Staff know the old words from the sales history; where several attributes meet, the new ones. */
function wordOf(state: Sale['state'], attributes: string[]): string {
  const same = Object.entries(BY_STATUS).find(
    ([, [its, ...words]]) =>
      its === state && words.length === attributes.length && words.every((word) => attributes.includes(word)),
  );
  return same?.[0] ?? [state, ...attributes].join(' ');
}

const versionText = (told: number | string | null | undefined): string | null =>
  told === null || told === undefined ? null : String(told);

/** USER is a person at a till; anything else with an id of its own was brought in from there. */
function originOf(source: string | null | undefined, from: string | null | undefined): Sale['origin'] {
  return source && from && source.toUpperCase() !== 'USER' ? { source, id: from } : null;
}

/** UTC, whether or not the text says so: "2026-02-03 10:11:19" comes without a zone. */
export function utcOf(told: string | null | undefined): string | null {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)\s*(Z|[+-]\d\d:?\d\d)?$/.exec(told?.trim() ?? '');
  const moment = match && `${match[1]}T${match[2]}${match[3] ?? 'Z'}`;
  return moment && !Number.isNaN(Date.parse(moment)) ? moment : null;
}

const firstTime = (...told: (string | null | undefined)[]): string =>
  told.map(utcOf).find((moment) => moment !== null) ?? '1970-01-01T00:00:00Z';
