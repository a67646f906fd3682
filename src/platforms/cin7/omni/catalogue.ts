import { z } from 'zod';
import type { Page, RemoteListing, RemoteLocation } from '../../../platform/contract.ts';
import { ask, type Cin7Client, query } from '../api.ts';
import type { Cin7Config } from '../config.ts';

/** Omni's own maximum. */
export const ROWS = 250;

const text = z.string().nullish();
/** Integers in its contract; beyond 2^53 they are read as text. */
export const omniId = z.union([z.number().int(), z.string().min(1)]).transform(String);

const option = z.object({
  id: omniId,
  code: text,
  barcode: text,
  option1: text,
  option2: text,
  option3: text,
  size: text,
  status: text,
});
const products = z.array(
  z.object({
    id: omniId,
    name: text,
    status: text,
    stockControl: z.union([z.string(), z.number()]).nullish(),
    productOptions: z.array(option).nullish(),
  }),
);

/** One row per option: what Omni counts are options, a product without variants has one. */
export async function listOmniListings(
  client: Cin7Client,
  config: Cin7Config,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const page = Number(cursor ?? 1);
  const path = `/Products${query({ order: 'id', page, rows: ROWS })}`;
  const { data } = await ask(client, config, 'omniProducts', { path }, products);
  const items = data.flatMap(({ name, stockControl, productOptions }) =>
    (productOptions ?? [])
      .filter(({ status }) => !/^disabled$/i.test(status ?? ''))
      .map((one): RemoteListing => {
        const control = String(stockControl ?? '');
        const tracked = !/^(undefined|none|non[- ]?inventory|non[- ]?stock)/i.test(control);
        const numbered = /batch|serial/i.test(control);
        const words = [one.option1, one.option2, one.option3, one.size].map((word) => word?.trim()).filter(Boolean);
        return {
          listing: one.id,
          stockKey: one.id,
          sku: one.code?.trim() || null,
          barcode: one.barcode?.trim() || null,
          title: [name?.trim(), words.join(' / ')].filter(Boolean).join(', ') || one.id,
          tracked,
          ...(numbered && { unwritable: `Under ${control} control: Cin7 wants the numbers of the units` }),
          extra: { type: tracked ? 'Stock' : control, ...(one.code?.trim() && { sku: one.code.trim() }) },
        };
      }),
  );
  return { items, next: data.length < ROWS ? null : String(page + 1) };
}

const branches = z.array(z.object({ id: omniId, company: text, name: text, isActive: z.boolean().nullish() }));

export async function listBranches(client: Cin7Client, config: Cin7Config): Promise<RemoteLocation[]> {
  const found: RemoteLocation[] = [];
  for (let page = 1; ; page++) {
    const path = `/Branches${query({ order: 'id', page, rows: ROWS })}`;
    const { data } = await ask(client, config, 'omniBranches', { path }, branches);
    for (const { id, company, name, isActive } of data)
      found.push({ location: id, name: company?.trim() || name?.trim() || id, active: isActive !== false });
    if (data.length < ROWS) return found;
  }
}
