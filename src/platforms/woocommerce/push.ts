import { z } from 'zod';
import { NO_LOCATION, type Outcome, type Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { WooConfig } from './config.ts';
import { facts } from './facts.ts';
import { errorOf, ofCode } from './failures.ts';
import { idsOf } from './levels.ts';
import { isTracked, productShape } from './product.ts';
import { apiRequest, type WooClient } from './request.ts';
import { answer } from './shape.ts';

const batchShape = z.object({ update: z.array(z.unknown()).default([]) });

/** Targets that one call can carry: simple products, or the variations of one parent. */
interface Group {
  path: string;
  op: 'writeProducts' | 'writeVariations';
  rows: { id: string; target: Target }[];
}

/**
 * Sends absolute numbers, blindly: WooCommerce has no guard. One call for all products and one per parent of variations;
 * every row of the answer is read, because a batch answers 200 whatever became of its rows.
 * @throws Failure only when the very first call fails for a reason that holds for all.
 */
export async function pushLevels(client: WooClient, config: WooConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const fail = (target: Target, failure: Failure) =>
    void outcomes.push({ cell: target.cell, result: 'failed', failure });
  const groups = groupsOf(targets, fail);
  let stop: Failure | undefined;
  for (const [index, group] of groups.entries()) {
    try {
      if (stop) throw stop;
      outcomes.push(...(await writeGroup(client, config, group)));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const forAll = error.failure === 'throttled' || error.failure === 'auth';
      const alone = index === 0 && groups.length === 1;
      if (outcomes.length === 0 && (alone || forAll)) throw error;
      // The rest is not tried: it would meet the same wall, and it surely was not sent.
      if (forAll) stop = error;
      for (const { target } of group.rows) fail(target, error);
    }
  }
  return outcomes;
}

function groupsOf(targets: readonly Target[], fail: (target: Target, failure: Failure) => void): Group[] {
  const groups = new Map<string, Group>();
  for (const target of targets) {
    const ids = idsOf(target.cell.stockKey);
    const failure = unwritable(target);
    if (failure || !ids) {
      fail(target, failure ?? unknownItem(target));
      continue;
    }
    const path = ids.parent === undefined ? '/products/batch' : `/products/${ids.parent}/variations/batch`;
    const op = ids.parent === undefined ? 'writeProducts' : 'writeVariations';
    const group = groups.get(path) ?? { path, op, rows: [] };
    group.rows.push({ id: ids.id, target });
    groups.set(path, group);
  }
  return [...groups.values()];
}

/** A store may allow fewer rows than 100 (a filter, a small post_max_size): the batch is halved until it fits. */
async function writeGroup(client: WooClient, config: WooConfig, group: Group): Promise<Outcome[]> {
  try {
    return await writeOnce(client, config, group);
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'batch-too-large' && group.rows.length > 1)) throw error;
    const half = Math.ceil(group.rows.length / 2);
    const outcomes: Outcome[] = [];
    for (const rows of [group.rows.slice(0, half), group.rows.slice(half)]) {
      try {
        outcomes.push(...(await writeGroup(client, config, { ...group, rows })));
      } catch (later) {
        // What the first half did must not be lost with the second.
        if (!(later instanceof Failure) || outcomes.length === 0) throw later;
        outcomes.push(...rows.map(({ target }): Outcome => ({ cell: target.cell, result: 'failed', failure: later })));
      }
    }
    return outcomes;
  }
}

async function writeOnce(client: WooClient, config: WooConfig, { path, op, rows }: Group): Promise<Outcome[]> {
  // Digits go into the body as they are: an id beyond 2^53 would lose some as a number.
  const update = rows.map(({ id, target }) => `{"id":${id.replace(/^0+(?=\d)/, '')},"stock_quantity":${target.want}}`);
  const request = apiRequest(client, config, 'POST', path);
  const { update: answers } = readBatch(
    await client.call(op, {
      ...request,
      headers: { ...request.headers, 'content-type': 'application/json' },
      body: `{"update":[${update.join(',')}]}`,
    }),
  );
  return rows.map(({ id, target }, index) => outcomeOf(target, rowOf(answers, id, index), op));
}

function readBatch(response: Parameters<typeof answer>[0]): z.infer<typeof batchShape> {
  try {
    return answer(response, batchShape);
  } catch (error) {
    // It may have been done: only reading tells.
    if (error instanceof Failure)
      throw new Failure('unknown-outcome', error.code, error.message, { status: response.status, cause: error });
    throw error;
  }
}

/** Rows come in the order of the request; a plugin that drops or moves some must not hand one item another's outcome. */
function rowOf(answers: readonly unknown[], id: string, index: number): Record<string, unknown> | undefined {
  const is = (row: unknown): row is Record<string, unknown> =>
    typeof row === 'object' && row !== null && String((row as Record<string, unknown>)['id']) === id;
  const there = answers[index];
  return is(there) ? there : answers.find(is);
}

function outcomeOf(target: Target, row: Record<string, unknown> | undefined, op: Group['op']): Outcome {
  const { cell } = target;
  const failed = (failure: Failure): Outcome => ({ cell, result: 'failed', failure });
  if (!row)
    return failed(
      new Failure('unknown-outcome', 'no-row', 'The shop did not say what became of this item; reading it tells.'),
    );
  const error = errorOf(row['error']);
  if (error) return failed(ofCode(error, error.status ?? 400, op));
  const product = productShape.safeParse(row);
  if (!product.success || product.data.stock_quantity === 'odd')
    return failed(
      new Failure(
        'unknown-outcome',
        'odd-row',
        'The shop answered for this item in a shape of its own; reading it tells.',
      ),
    );
  // 200, and the number was ignored: the product does not manage stock, or the whole shop has that switched off.
  if (product.data.manage_stock === 'parent' && cell.stockKey.includes('/'))
    return failed(
      new Failure(
        'rejected',
        'parent-stock',
        'This variation sells from the stock of its product now. Import the catalogue again.',
      ),
    );
  if (!isTracked(product.data))
    return failed(
      new Failure(
        'rejected',
        'untracked-item',
        'The shop does not count this item. Tick "Track stock quantity for this product" in WooCommerce > Products > Inventory.',
      ),
    );
  const after = product.data.stock_quantity ?? 0;
  return { cell, result: 'applied', after };
}

function unwritable({ cell, want }: Target): Failure | undefined {
  const { min, max } = facts.push;
  if (cell.location !== NO_LOCATION)
    return new Failure('gone', 'unknown-location', 'WooCommerce has one pool of stock and no locations.');
  if (!Number.isInteger(want) || want < min || want > max)
    return new Failure('rejected', 'impossible-quantity', `Whole numbers from ${min} to ${max}, not ${want}.`);
  return undefined;
}

const unknownItem = ({ cell }: Target): Failure =>
  new Failure('gone', 'unknown-item', `"${cell.stockKey}" is no product or variation of WooCommerce.`);
