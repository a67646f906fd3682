import { z } from 'zod';
import type { Doc } from '../../domain/document.ts';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type LightspeedXClient, record } from './api.ts';
import type { LightspeedXConfig } from './config.ts';
import { type Marks, marksShape, nextFrom, withMark } from './marks.ts';
import { type Sale, saleOfApi, utcOf } from './sale.ts';
import { docOf } from './sale-doc.ts';

const PAGE_SIZE = 100;
/** The feed starts this much before it is asked to: versions and change times need not rise in perfect step. */
const EARLIER_MS = 600_000;

const one = z.object({ data: z.unknown() });

/** One sale. `gone` when Lightspeed does not know it. */
export async function fetchSale(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  doc: string,
): Promise<Doc | 'gone'> {
  const id = doc.replace(/^sale:/, '');
  let row: unknown;
  try {
    const path = `/sales/${encodeURIComponent(id)}`;
    row = (await ask(client, config, 'sale', { method: 'GET', path }, one)).data.data;
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
  try {
    return docOf(saleOfApi(row), config);
  } catch (error) {
    throw new Failure('rejected', 'unreadable-sale', `Sale ${id} cannot be read: ${String(error).slice(0, 200)}`, {
      cause: error,
    });
  }
}

const page = z.object({
  data: z.array(z.unknown()).nullish(),
  version: z.object({ max: z.number().nullish() }).nullish(),
});

/** Sales with a higher version, lowest first: a sale that changes moves to the end, so none is skipped. */
export async function salesAfter(client: LightspeedXClient, config: LightspeedXConfig, after: number, size: number) {
  const path = `/sales?after=${after}&page_size=${size}`;
  const { data, startedMs } = await ask(client, config, 'saleFeed', { method: 'GET', path }, page);
  const rows = data.data ?? [];
  const versions = rows.map((row) => Number(record(record(row)?.['_metadata'])?.['version'] ?? Number.NaN));
  const max = Math.max(after, data.version?.max ?? 0, ...versions.filter((version) => Number.isSafeInteger(version)));
  return { rows, max, startedMs };
}

/** `from`: where this walk began; `at`: where it is, null between walks; `upTo`: the completeTo told last. */
const cursorShape = z.object({
  from: z.number(),
  at: z.number().nullable(),
  marks: marksShape,
  upTo: z.number().nullable(),
});
type Cursor = z.infer<typeof cursorShape>;

/**
 * Sales by version. A walk ends at an empty page, because how many rows a page holds at most is not documented; each
 * begins at what had been told half a minute before the last one ended, for sales that were numbered early and saved late.
 */
export async function pollSales(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const now: Cursor =
    cursor === null
      ? { from: await startVersion(client, config, Date.parse(since) - EARLIER_MS), at: null, marks: [], upTo: null }
      : cursorShape.parse(JSON.parse(cursor));
  const after = now.at ?? now.from;
  const { rows, max, startedMs } = await salesAfter(client, config, after, PAGE_SIZE);
  const signals = rows.flatMap((row) => signalOf(row, config));
  if (rows.length > 0 && max > after)
    return { signals, cursor: JSON.stringify({ ...now, at: max }), completeTo: told(now.upTo), more: true };
  const marks: Marks = withMark(now.marks, { atMs: startedMs, version: after });
  const upTo = Math.max(now.upTo ?? startedMs, startedMs);
  const next: Cursor = { from: nextFrom(marks, startedMs, now.from), at: null, marks, upTo };
  return { signals, cursor: JSON.stringify(next), completeTo: told(upTo), more: false };
}

const told = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** A sale that cannot be made sense of here is asked for by itself: then it is shown, and the others go on. */
function signalOf(row: unknown, config: LightspeedXConfig): Signal[] {
  const id = record(row)?.['id'];
  if (typeof id !== 'string' || id === '') return [];
  let sale: Sale | undefined;
  try {
    sale = saleOfApi(row);
    return [{ kind: 'document', doc: docOf(sale, config) }];
  } catch {
    return [
      {
        kind: 'document-changed',
        account: config.account,
        doc: `sale:${id}`,
        ...(sale?.version && { rev: sale.version }),
      },
    ];
  }
}

/**
 * The highest version that had been given before this moment, found by halving: the list has no filter by time. Some sixty
 * calls for a store of ten years, once.
 */
async function startVersion(client: LightspeedXClient, config: LightspeedXConfig, sinceMs: number): Promise<number> {
  /** The version of the first sale after `version` if it last changed before the moment; undefined: it is too far. */
  const older = async (version: number): Promise<number | undefined> => {
    const { rows, max } = await salesAfter(client, config, version, 1);
    const row = record(rows[0]);
    const changed = Date.parse(utcOf(row?.['updated_at'] as string | undefined) ?? '');
    return row && max > version && changed < sinceMs ? max : undefined;
  };
  let low = await older(0);
  if (low === undefined) return 0;
  let high = low * 2;
  for (let met = await older(high); met !== undefined; met = await older(high)) {
    low = met;
    high = met * 2;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const met = await older(middle);
    if (met === undefined) high = middle;
    else low = met;
  }
  return low;
}
