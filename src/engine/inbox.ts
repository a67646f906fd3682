import type { Delivery, Signal } from '../platform/contract.ts';
import type { Queryable } from '../store/database.ts';
import { claimDeliveries, finishDeliveries, type StoredDelivery } from '../store/intake.ts';
import { type Account, type EngineContext, iso } from './context.ts';
import type { PostingReport } from './posting.ts';
import { applySignals, type Heard } from './signals.ts';
import { isPassing } from './store-errors.ts';

const BATCH_MAX = 500;

interface Decoded {
  delivery: StoredDelivery;
  account: Account | undefined;
  signals: Signal[];
  ignored: string | null;
  aside: string | null;
}

/**
 * Works off what was stored, oldest first: decode, apply, mark done, all in one transaction per batch. A batch that is
 * refused is halved until the one row that refuses it stands alone; that row is set aside with its reason.
 * @returns how many deliveries were worked; 0 when there is nothing to do
 */
export async function workInbox(
  context: EngineContext,
  applied: (report: PostingReport) => void,
  limit = BATCH_MAX,
): Promise<number> {
  try {
    const { count, report } = await context.db.transaction((tx) => workBatch(tx, context, limit));
    applied(report);
    return count;
  } catch (error) {
    if (isPassing(error)) throw error;
    if (limit > 1) return workInbox(context, applied, Math.floor(limit / 2));
    return setAside(context, error);
  }
}

async function workBatch(tx: Queryable, context: EngineContext, limit: number) {
  const deliveries = await claimDeliveries(tx, limit, 0);
  const decoded = deliveries.map((delivery) => decode(context, delivery));
  const heard: Heard[] = decoded.flatMap(({ account, signals, delivery }) =>
    account && signals.length > 0 ? [{ account, signals, heardAt: delivery.receivedAt }] : [],
  );
  const report = await applySignals(tx, context, heard);
  await finishDeliveries(
    tx,
    decoded.map(({ delivery, ignored, aside }) => ({
      id: delivery.id,
      status: aside !== null ? 'aside' : ignored !== null ? 'ignored' : 'done',
      reason: aside ?? ignored,
    })),
    iso(context.clock.now()),
  );
  return { count: deliveries.length, report };
}

/** Verified but undecodable deliveries are kept and shown, never refused: some vendors punish a 4xx by switching off. */
function decode(context: EngineContext, delivery: StoredDelivery): Decoded {
  const account = context.accounts.byId(delivery.accountId);
  const blank = { delivery, account, signals: [], ignored: null, aside: null };
  if (!account) return { ...blank, ignored: 'the channel was removed' };
  const raw: Delivery = { ...delivery, body: delivery.body, headers: delivery.headers };
  try {
    const signals = account.platform.decode(raw, delivery.topic, account.config);
    return signals.length === 0
      ? { ...blank, ignored: `nothing about stock in ${delivery.topic}` }
      : { ...blank, signals };
  } catch (error) {
    context.log.warn(
      { delivery: delivery.id, err: error },
      'a verified delivery could not be decoded; it is set aside',
    );
    return { ...blank, aside: `not understood: ${(error as Error).message}` };
  }
}

/** The first row alone was refused by the store: kept with its reason, so that the rest can pass. */
async function setAside(context: EngineContext, error: unknown): Promise<number> {
  context.log.warn({ err: error }, 'one delivery was refused by the store; it is set aside');
  return context.db.transaction(async (tx) => {
    const [poisoned] = await claimDeliveries(tx, 1, 0);
    if (!poisoned) return 0;
    await finishDeliveries(
      tx,
      [{ id: poisoned.id, status: 'aside', reason: `refused by the store: ${(error as Error).message}` }],
      iso(context.clock.now()),
    );
    return 1;
  });
}
