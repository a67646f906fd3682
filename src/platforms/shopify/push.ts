import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { ShopifyConfig } from './config.ts';
import { SET_QUANTITIES } from './documents.ts';
import { ask, type ShopifyClient } from './graphql.ts';
import { gid, plainId } from './ids.ts';
import { readLevels } from './levels.ts';
import { appliesToAll, failureOf, STALE, type UserError, wantsNewKey } from './user-errors.ts';

const answer = z.object({
  inventorySetQuantities: z
    .object({
      inventoryAdjustmentGroup: z
        .object({
          changes: z.array(
            z.object({
              name: z.string(),
              quantityAfterChange: z.number().int().nullable(),
              item: z.object({ id: z.string(), tracked: z.boolean() }).nullable(),
              location: z.object({ id: z.string() }).nullable(),
            }),
          ),
        })
        .nullable(),
      userErrors: z.array(
        z.object({ code: z.string().nullable(), field: z.array(z.string()).nullable(), message: z.string() }),
      ),
    })
    .nullable(),
});

type Answer = NonNullable<z.infer<typeof answer>['inventorySetQuantities']>;

/**
 * Sets `available` of each cell, on condition that it still shows what we think it shows. Shopify takes a batch whole or not at
 * all: when it names offenders, they get their outcome and the others are sent again without them. One outcome per target.
 * @throws Failure when the first request failed as a whole; a later one's failure goes to the targets it left open.
 */
export async function pushLevels(client: ShopifyClient, config: ShopifyConfig, targets: Target[]): Promise<Outcome[]> {
  const push = new Push(client, config);
  for (const batch of withoutTwins(targets)) await push.send(batch);
  await push.readStale();
  return push.outcomes;
}

/** Shopify refuses a batch that names a cell twice: the second one goes after the first. */
function withoutTwins(targets: Target[]): Target[][] {
  const batches: Target[][] = [];
  const seen = new Map<string, number>();
  for (const target of targets) {
    const cell = cellId(target.cell.stockKey, target.cell.location);
    const turn = seen.get(cell) ?? 0;
    seen.set(cell, turn + 1);
    const batch = batches[turn] ?? [];
    batch.push(target);
    batches[turn] = batch;
  }
  return batches;
}

const cellId = (stockKey: string, location: string): string => `${stockKey}@${location}`;

class Push {
  readonly outcomes: Outcome[] = [];
  readonly #stale: Target[] = [];
  #sent = 0;
  constructor(
    private readonly client: ShopifyClient,
    private readonly config: ShopifyConfig,
  ) {}

  async send(targets: Target[]): Promise<void> {
    if (targets.length === 0) return;
    let set: Answer;
    try {
      set = await this.#ask(targets, keyOf(targets));
      // The key was spent on an attempt that failed, or (once in 2^122) by another request: Shopify asks for another one.
      if (set.userErrors.some(wantsNewKey)) set = await this.#ask(targets, this.client.uuid());
    } catch (error) {
      if (!(error instanceof Failure) || this.#sent <= 1) throw error;
      for (const { cell } of targets) this.outcomes.push({ cell, result: 'failed', failure: error });
      return;
    }
    if (set.userErrors.length === 0) return this.#applied(targets, set);
    const offenders = new Map<Target, UserError>();
    let unnamed: UserError | undefined;
    for (const error of set.userErrors) {
      const at = error.field?.indexOf('quantities') ?? -1;
      const target = at < 0 ? undefined : targets[Number(error.field?.[at + 1])];
      if (!target) unnamed ??= error;
      else if (!offenders.has(target)) offenders.set(target, error);
    }
    if (unnamed && offenders.size === 0) return this.#unnamed(targets, unnamed);
    for (const [target, error] of offenders) this.#refused(target, error);
    await this.send(targets.filter((target) => !offenders.has(target)));
  }

  /** What cells show whose guard refused: the next move needs it. A failed read leaves it open, the refusal stands. */
  async readStale(): Promise<void> {
    if (this.#stale.length === 0) return;
    const cells = this.#stale.map((target) => target.cell);
    const levels = await readLevels(this.client, this.config, cells).catch((error: unknown) => {
      if (error instanceof Failure) return [];
      throw error;
    });
    const now = new Map(levels.map((level) => [cellId(level.stockKey, level.location), level.available]));
    for (const cell of cells)
      this.outcomes.push({ cell, result: 'stale', now: now.get(cellId(cell.stockKey, cell.location)) });
  }

  async #ask(targets: Target[], key: string): Promise<Answer> {
    this.#sent += 1;
    const input = {
      name: 'available',
      reason: targets.every((target) => target.why === 'count') ? 'cycle_count_available' : 'correction',
      referenceDocumentUri: `gid://onhand/Push/${key}`,
      quantities: targets.map(({ cell, want, expect }) => ({
        inventoryItemId: gid('InventoryItem', cell.stockKey),
        locationId: gid('Location', cell.location),
        quantity: want,
        changeFromQuantity: expect,
      })),
    };
    const data = await ask(this.client, this.config, 'setQuantities', SET_QUANTITIES, { input, key }, answer);
    if (data.inventorySetQuantities) return data.inventorySetQuantities;
    throw new Failure('unknown-outcome', 'no-data', 'Shopify answered the write with nothing.');
  }

  #applied(targets: Target[], set: Answer): void {
    const changes = new Map(
      (set.inventoryAdjustmentGroup?.changes ?? []).flatMap((change) =>
        change.name === 'available' && change.item && change.location
          ? [[cellId(plainId(change.item.id), plainId(change.location.id)), change] as const]
          : [],
      ),
    );
    for (const { cell, want } of targets) {
      const change = changes.get(cellId(cell.stockKey, cell.location));
      if (change?.item?.tracked === false) this.outcomes.push({ cell, result: 'failed', failure: untracked() });
      else this.outcomes.push({ cell, result: 'applied', after: change?.quantityAfterChange ?? want });
    }
  }

  /** The batch was refused and Shopify does not say for which entry: halve it until it does. */
  async #unnamed(targets: Target[], error: UserError): Promise<void> {
    if (targets.length > 1 && !appliesToAll(error)) {
      const middle = Math.ceil(targets.length / 2);
      await this.send(targets.slice(0, middle));
      await this.send(targets.slice(middle));
      return;
    }
    for (const target of targets) this.#refused(target, error);
  }

  #refused(target: Target, error: UserError): void {
    if (error.code === STALE) this.#stale.push(target);
    else this.outcomes.push({ cell: target.cell, result: 'failed', failure: failureOf(error) });
  }
}

/**
 * The same targets with the same numbers get the same key, so that a repeated request is answered and not done again; any
 * other request gets another one, because Shopify refuses a key whose parameters changed.
 */
function keyOf(targets: Target[]): string {
  const parts = targets.map(({ cell, key, want, expect }) => [cell.stockKey, cell.location, key, want, expect]);
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const untracked = (): Failure =>
  new Failure(
    'rejected',
    'untracked-item',
    'Shopify does not count this variant, so the number has no effect. Switch on "Track quantity" in the product.',
  );
