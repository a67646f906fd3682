import { z } from 'zod';
import type { Outcome, Target } from '../../platform/contract.ts';
import { localTime } from '../../platform/local-time.ts';
import { shaped } from './answer.ts';
import { getRequest, quoted, type SapClient, withQuery } from './api.ts';
import type { SapConfig } from './config.ts';
import { REMARK } from './push-document.ts';
import { page } from './shapes.ts';

const DAY_MS = 86_400_000;
const LIMIT = 100;

const movement = z.object({
  DocEntry: z.number().int(),
  DocumentLines: z.array(z.object({ FreeText: z.string().nullish() })).nullish(),
});
const posting = z.object({
  DocumentEntry: z.number().int(),
  InventoryPostingLines: z.array(z.object({ Remarks: z.string().nullish() })).nullish(),
});

/** Was it done? Its key is the remark of a line; lines cannot be searched, so our own documents of these days are read. */
export async function findPush(client: SapClient, config: SapConfig, target: Target): Promise<Outcome | 'not-found'> {
  const sinceMs = (Date.parse(target.asOf) || client.now()) - DAY_MS;
  const day = localTime(sinceMs, config.timeZone).slice(0, 10);
  const found =
    target.why === 'count'
      ? await among(
          client,
          config,
          day,
          {
            set: 'InventoryPostings',
            key: 'DocumentEntry',
            date: 'PostingDate',
            remark: 'Remarks',
            lines: 'InventoryPostingLines',
          },
          posting,
          ({ DocumentEntry, InventoryPostingLines }) => ({
            entry: DocumentEntry,
            keys: InventoryPostingLines?.map(({ Remarks }) => Remarks),
          }),
          target.key,
        )
      : await among(
          client,
          config,
          day,
          {
            set: target.want < target.expect ? 'InventoryGenExits' : 'InventoryGenEntries',
            key: 'DocEntry',
            date: 'DocDate',
            remark: 'Comments',
            lines: 'DocumentLines',
          },
          movement,
          ({ DocEntry, DocumentLines }) => ({
            entry: DocEntry,
            keys: DocumentLines?.map(({ FreeText }) => FreeText),
          }),
          target.key,
        );
  return found ? { cell: target.cell, result: 'applied' } : 'not-found';
}

async function among<T>(
  client: SapClient,
  config: SapConfig,
  day: string,
  names: { set: string; key: string; date: string; remark: string; lines: string },
  shape: z.ZodType<T>,
  read: (row: T) => { entry: number; keys: (string | null | undefined)[] | undefined },
  key: string,
): Promise<boolean> {
  for (let after = 0; ; ) {
    const path = withQuery(`/${names.set}`, {
      select: `${names.key},${names.lines}`,
      filter: `${names.date} ge ${quoted(day)} and startswith(${names.remark},${quoted(REMARK)}) and ${names.key} gt ${after}`,
      orderby: names.key,
    });
    const answer = shaped(await client.call('findDocument', getRequest(config, path, LIMIT)), page(shape), path);
    const rows = answer.value.map(read);
    if (rows.some(({ keys }) => keys?.includes(key))) return true;
    const last = rows.at(-1)?.entry;
    if (!answer['@odata.nextLink'] || last === undefined || last <= after) return false;
    after = last;
  }
}
