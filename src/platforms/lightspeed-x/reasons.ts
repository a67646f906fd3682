import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import { ask, type LightspeedXClient } from './api.ts';
import type { LightspeedXConfig } from './config.ts';

/** Onhand's own adjustment reasons: reports show them apart from theft and damage, and our rows are known by them. */
export interface Reasons {
  out: string;
  in: string;
}

/** At most 30 characters. */
const NAMES = { NEGATIVE: 'Onhand: sold elsewhere', POSITIVE: 'Onhand: back in stock' } as const;
const PATH = '/custom_inventory_adjustment_reasons';
const PAGE_SIZE = 100;

const reason = z.object({
  id: z.string().min(1),
  name: z.string().nullish(),
  type: z.string().nullish(),
  enabled: z.boolean().nullish(),
  version: z.number().nullish(),
});
const several = z.object({
  data: z.array(reason).nullish(),
  version: z.object({ max: z.number().nullish() }).nullish(),
});
const one = z.object({ data: reason });

/** A client stands for one account and lives as long as its settings do. */
const known = new WeakMap<LightspeedXClient, Reasons>();

/** As set up, else as found or made there. */
export async function reasonsFor(client: LightspeedXClient, config: LightspeedXConfig): Promise<Reasons> {
  const { reasonOutId, reasonInId } = config;
  return (
    known.get(client) ??
    (reasonOutId && reasonInId ? { out: reasonOutId, in: reasonInId } : findReasons(client, config))
  );
}

/** Looks them up, switches them on again, makes those that are missing. Safe to repeat. */
export async function findReasons(client: LightspeedXClient, config: LightspeedXConfig): Promise<Reasons> {
  let all = await listReasons(client, config);
  const ensure = async (type: keyof typeof NAMES): Promise<string> => {
    const named = () => all.find(({ name, type: its }) => name === NAMES[type] && (its ?? type) === type);
    let found = named();
    if (!found) {
      const body = { name: NAMES[type], enabled: true, type };
      try {
        return (await ask(client, config, 'reasonCreate', { method: 'POST', path: PATH, body }, one)).data.data.id;
      } catch (error) {
        // Made meanwhile, or made by a call whose answer was lost.
        if (!(error instanceof Failure) || error.failure !== 'conflict') throw error;
        all = await listReasons(client, config);
        found = named();
        if (!found) throw error;
      }
    }
    if (found.enabled === false) {
      const body = { name: NAMES[type], enabled: true };
      const path = `${PATH}/${encodeURIComponent(found.id)}`;
      await ask(client, config, 'reasonCreate', { method: 'PUT', path, body }, one);
    }
    return found.id;
  };
  const reasons = { out: await ensure('NEGATIVE'), in: await ensure('POSITIVE') };
  known.set(client, reasons);
  return reasons;
}

async function listReasons(client: LightspeedXClient, config: LightspeedXConfig): Promise<z.infer<typeof reason>[]> {
  const found: z.infer<typeof reason>[] = [];
  for (let after = 0; ; ) {
    const path = `${PATH}?page_size=${PAGE_SIZE}&after=${after}`;
    const { data } = await ask(client, config, 'reasons', { method: 'GET', path }, several);
    const rows = data.data ?? [];
    found.push(...rows);
    const max = Math.max(after, data.version?.max ?? 0, ...rows.map(({ version }) => version ?? 0));
    if (rows.length < PAGE_SIZE || max === after) return found;
    after = max;
  }
}
