import type { Doc } from '../domain/document.ts';
import { Failure } from '../platform/failure.ts';
import { dueFetches, fetchesDone, fetchLater, staleDocuments, wishFetches } from '../store/intake.ts';
import { tell } from '../store/notices.ts';
import { backoffMs } from './backoff.ts';
import { type Account, type EngineContext, iso } from './context.ts';
import { GroupCommit } from './group-commit.ts';
import { lagMsOf } from './manner.ts';
import { type PostingReport, postStates } from './posting.ts';

/** One answer to be posted. */
export interface Fetched {
  account: Account;
  doc: string;
  startedAt: number;
  state: Doc | 'gone';
}

/** Answers that come while the last ones are posted go into the next transaction. */
export function fetchedPosting(context: EngineContext, applied: (report: PostingReport) => void): GroupCommit<Fetched> {
  return new GroupCommit(async (answers) => {
    const report = await context.db.transaction(async (tx) => {
      // Before posting: a wish that posting itself makes (read side lags) must stay.
      await fetchesDone(
        tx,
        answers.map(({ account, doc, startedAt }) => ({ accountId: account.row.id, doc, startedAt: iso(startedAt) })),
      );
      return postStates(
        tx,
        context,
        answers.map(({ account, doc, startedAt, state }) => {
          const arrival = { how: 'fetched' as const, startedAt };
          return state === 'gone' ? { account, doc, arrival, gone: true } : { account, doc, arrival, state };
        }),
      );
    });
    applied(report);
  }, 100);
}

/** Fetches in flight per account; the account's budgets are what really paces them. */
const TOGETHER = 4;
/** After so many vain tries a person is told; trying goes on, slower. */
const TRIES_TOLD = 8;

/**
 * Asks for the documents that were wished for, one at a time per document.
 * @returns how many were asked for
 */
export async function workFetches(
  context: EngineContext,
  account: Account,
  fetched: GroupCommit<Fetched>,
): Promise<number> {
  const due = await dueFetches(context.db, account.row.id, context.clock.now(), 50);
  if (account.platform.onlySends?.(account.config)) return dropWishes(context, account, due);
  const queue = [...due];
  const worker = async () => {
    for (let wish = queue.shift(); wish; wish = queue.shift()) await fetchOne(context, account, wish, fetched);
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(TOGETHER, queue.length) }, worker));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return due.length;
}

/** Nothing can be asked of an account that only sends. Two states that claim to be equally new are put before a person. */
async function dropWishes(
  context: EngineContext,
  account: Account,
  wishes: { doc: string; reason: string }[],
): Promise<number> {
  const at = iso(context.clock.now());
  await fetchesDone(
    context.db,
    wishes.map(({ doc }) => ({ accountId: account.row.id, doc, startedAt: at })),
  );
  for (const { doc, reason } of wishes) {
    if (reason !== 'order unclear') continue;
    await tell(
      context.db,
      {
        code: 'order-unclear',
        accountId: account.row.id,
        text: `${account.row.key} told ${doc} twice with the same version (or updatedAt) and different contents; the first was kept.`,
        next: 'Let the version grow with every change of an order, then send the order again.',
        data: { doc },
      },
      at,
    );
  }
  return wishes.length;
}

async function fetchOne(
  context: EngineContext,
  account: Account,
  wish: { doc: string; tries: number },
  fetched: GroupCommit<Fetched>,
): Promise<void> {
  const startedAt = context.clock.now();
  let state: Doc | 'gone';
  try {
    state = await account.platform.fetchDocument(account.client, account.config, wish.doc);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.failure === 'gone') state = 'gone';
    else return postpone(context, account, wish, error);
  }
  await fetched.add({ account, doc: wish.doc, startedAt, state });
}

async function postpone(
  context: EngineContext,
  account: Account,
  wish: { doc: string; tries: number },
  failure: Failure,
): Promise<void> {
  const waitMs = failure.retryAfterMs ?? backoffMs(wish.tries, context.random);
  await fetchLater(context.db, account.row.id, wish.doc, context.clock.now() + waitMs);
  if (wish.tries + 1 === TRIES_TOLD || failure.failure === 'rejected')
    await tell(
      context.db,
      {
        code: 'order-unreadable',
        accountId: account.row.id,
        text: `${wish.doc} of ${account.row.key} cannot be read: ${failure.message}`,
        next: 'It is asked for again and again; if it was deleted there, nothing is lost. If access is missing, check the scopes with "onhand channel check".',
        data: { doc: wish.doc },
      },
      iso(context.clock.now()),
    );
  if (failure.failure === 'auth') throw failure;
}

/** Documents open for long are asked for again: deletions that send nothing are found this way. */
export async function sweepOpenDocuments(
  context: EngineContext,
  account: Account,
  olderThanMs: number,
): Promise<number> {
  if (account.platform.onlySends?.(account.config)) return 0;
  const now = context.clock.now();
  const docs = await staleDocuments(
    context.db,
    account.row.id,
    now - olderThanMs - lagMsOf(account.platform.facts),
    50,
  );
  await wishFetches(
    context.db,
    docs.map((doc) => ({ accountId: account.row.id, doc, reason: 'open for long', notBefore: now })),
    iso(now),
  );
  return docs.length;
}
