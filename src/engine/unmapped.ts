import { tell } from '../store/notices.ts';
import { mappableDocuments } from '../store/unmapped.ts';
import { type Account, type EngineContext, iso } from './context.ts';
import { type PostingReport, postStates } from './posting.ts';
import { isPassing } from './store-errors.ts';

const BATCH = 200;

/**
 * Orders are kept while what they sell is not mapped; once it is, what they ask is posted from the state they are in. Nothing
 * is asked of the platform. Safe to repeat, and safe beside new states of the same orders: each is decided under its lock.
 */
export async function postMapped(context: EngineContext, account: Account): Promise<PostingReport> {
  const whole: PostingReport = { items: new Set(), documents: [], wished: new Set() };
  for (let after = ''; ; ) {
    const docs = await mappableDocuments(context.db, account.row.id, after, BATCH);
    if (docs.length === 0) return whole;
    after = docs.at(-1)!;
    for (const report of await postAgain(context, account, docs)) {
      for (const item of report.items) whole.items.add(item);
      for (const id of report.wished) whole.wished.add(id);
      whole.documents.push(...report.documents);
    }
  }
}

/** A batch that is refused is posted one by one, so that one bad order holds up no other. */
async function postAgain(context: EngineContext, account: Account, docs: string[]): Promise<PostingReport[]> {
  try {
    const again = docs.map((doc) => ({ account, doc, arrival: { how: 'carried' as const }, again: true as const }));
    return [await context.db.transaction((tx) => postStates(tx, context, again))];
  } catch (error) {
    if (isPassing(error)) throw error;
    if (docs.length > 1) {
      const reports: PostingReport[] = [];
      for (const doc of docs) reports.push(...(await postAgain(context, account, [doc])));
      return reports;
    }
    context.log.warn({ err: error, doc: docs[0] }, 'an order could not be posted after its goods were mapped');
    await tell(
      context.db,
      {
        code: 'mapped-order-refused',
        accountId: account.row.id,
        text: `${docs[0]} of ${account.row.key} was mapped, and could not be posted: ${(error as Error).message}`,
        next: 'It is tried again with each reading of the catalogue. Look at the quantities of the order on the platform.',
        data: { doc: docs[0] },
      },
      iso(context.clock.now()),
    );
    return [];
  }
}
