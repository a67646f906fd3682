import { availableOf, type StockLevel } from '../../../platform/sandbox-kit/index.ts';
import type { CatalogueNodes } from './catalogue-nodes.ts';
import { gid, readGid } from './ids.ts';
import { invalid, KINDS, ofRequest, type Problem, problem, type WriteKind } from './inventory-problems.ts';
import { type Call, GraphqlProblem, type Node } from './run.ts';
import { isStockedAt, notesOf, type Shop, utc } from './shop.ts';

/** General limit of every input list. */
const INPUT_MAX = 250;
/** How long a key is remembered. Shopify does not publish it. */
const KEY_MS = 24 * 3_600_000;

interface Entry {
  index: number;
  level: StockLevel | undefined;
  isPlace: boolean;
  value: number;
  /** undefined: not sent, which is refused; null: sent as null, no guard. */
  from: number | null | undefined;
  raw: Record<string, unknown>;
}

/** The two mutations that change stock, with the rules that the schema does not show: the guard and the key must be sent. */
export class InventoryWrites {
  readonly #keys = new Map<string, { parameters: string; answer: Node | null; atMs: number }>();
  #groups = 0;
  constructor(
    private readonly shop: Shop,
    private readonly catalogue: CatalogueNodes,
  ) {}

  readonly set = (call: Call): Node => this.once('Set', call);
  readonly adjust = (call: Call): Node => this.once('Adjust', call);

  private once(kind: WriteKind, { args, idempotencyKey }: Call): Node {
    const field = `inventory${kind}Quantities`;
    if (idempotencyKey === null)
      throw new GraphqlProblem(
        `The @idempotent directive is required for ${field} but was not provided.`,
        'BAD_REQUEST',
      );
    const entries = this.entriesOf(kind, args);
    const nowMs = this.shop.book.shelves.nowMs();
    const parameters = JSON.stringify([field, args]);
    const known = this.#keys.get(idempotencyKey);
    if (known && nowMs - known.atMs < KEY_MS / this.shop.options.factor) {
      if (known.parameters !== parameters)
        return this.refused(kind, [problem('IDEMPOTENCY_KEY_PARAMETER_MISMATCH', ['idempotencyKey'])]);
      return known.answer ?? this.refused(kind, [problem('IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED', ['idempotencyKey'])]);
    }
    const input = args['input'] as Record<string, unknown>;
    const problems = [...ofRequest(kind, input), ...this.ofEntries(kind, entries)];
    const answer = problems.length > 0 ? null : this.done(kind, entries, input, idempotencyKey);
    this.#keys.set(idempotencyKey, { parameters, answer, atMs: nowMs });
    return answer ?? this.refused(kind, problems);
  }

  private entriesOf(kind: WriteKind, args: Record<string, unknown>): Entry[] {
    const { list, number } = KINDS[kind];
    const input = args['input'] as Record<string, unknown> | undefined;
    const given = input?.[list];
    if (!Array.isArray(given) || typeof input?.['name'] !== 'string' || typeof input['reason'] !== 'string')
      throw invalid(`Argument 'input' on Field 'inventory${kind}Quantities' has an invalid value`);
    if (given.length > INPUT_MAX)
      throw new GraphqlProblem(
        `The input array size of ${given.length} is greater than the maximum allowed of ${INPUT_MAX}.`,
        'MAX_INPUT_SIZE_EXCEEDED',
      );
    return (given as Record<string, unknown>[]).map((raw, index) => {
      const value = raw[number];
      if (!Number.isInteger(value)) throw invalid(`${list}.${index}.${number} (Expected an Int)`);
      const from = raw['changeFromQuantity'] as number | null | undefined;
      if (from === undefined)
        throw invalid(`${list}.${index}: changeFromQuantity must be given, as a value or as null`);
      if (from !== null && !Number.isInteger(from))
        throw invalid(`${list}.${index}.changeFromQuantity (Expected an Int)`);
      const item = this.catalogue.itemOf(raw['inventoryItemId']);
      const place = this.catalogue.place(readGid(raw['locationId'])?.id ?? '');
      const level = item && place ? this.shop.book.shelves.level(item, place.id) : undefined;
      return { index, level, isPlace: place?.isActive ?? false, value: value as number, from, raw };
    });
  }

  private ofEntries(kind: WriteKind, entries: Entry[]): Problem[] {
    const { list, number, bound } = KINDS[kind];
    const seen = new Set<string>();
    return entries.flatMap(({ index, level, isPlace, value, from, raw }) => {
      const at = (member: string) => ['input', list, String(index), member];
      const pair = `${raw['inventoryItemId']}@${raw['locationId']}`;
      const twice = seen.has(pair);
      seen.add(pair);
      if (!this.catalogue.itemOf(raw['inventoryItemId']))
        return [problem('INVALID_INVENTORY_ITEM', at('inventoryItemId'))];
      if (!isPlace || !level) return [problem('INVALID_LOCATION', at('locationId'))];
      if (twice && kind === 'Set') return [problem('NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR', at('locationId'))];
      if (notesOf(level.item).isBundle) return [problem('NON_MUTABLE_INVENTORY_ITEM', at('inventoryItemId'))];
      if (kind === 'Set' && value < 0) return [problem('INVALID_QUANTITY_NEGATIVE', at(number))];
      if (value > bound) return [problem('INVALID_QUANTITY_TOO_HIGH', at(number))];
      if (value < -bound) return [problem('INVALID_QUANTITY_TOO_LOW', at(number))];
      if (from !== null && from !== shown(level))
        return [problem('CHANGE_FROM_QUANTITY_STALE', at('changeFromQuantity'))];
      return [];
    });
  }

  private done(kind: WriteKind, entries: Entry[], input: Record<string, unknown>, key: string): Node {
    const changes = entries.map(({ level, value }) => {
      const one = level!;
      const before = shown(one);
      // A write stocks the item there (since 2026-10); a number for an item that is not counted goes nowhere.
      if (!isStockedAt(one.item, one.location)) notesOf(one.item).notAt!.delete(one.location);
      if (one.item.tracked) {
        const change =
          kind === 'Adjust' ? { delta: value } : input['name'] === 'on_hand' ? { onHand: value } : { available: value };
        this.shop.book.write(one, change, 'write', { reference: key });
      }
      return {
        __typename: 'InventoryChange',
        name: String(input['name']),
        delta: shown(one) - before,
        quantityAfterChange: one.item.tracked ? shown(one) : null,
        ledgerDocumentUri: null,
        item: () => this.catalogue.item(one.item),
        location: () => this.catalogue.locationOf(gid('Location', one.location)),
      };
    });
    this.#groups += 1;
    return {
      __typename: `Inventory${kind}QuantitiesPayload`,
      userErrors: [],
      inventoryAdjustmentGroup: {
        __typename: 'InventoryAdjustmentGroup',
        id: gid('InventoryAdjustmentGroup', this.shop.ids.adjustment(this.#groups)),
        createdAt: utc(this.shop.book.shelves.nowMs()),
        reason: String(input['reason']),
        referenceDocumentUri: input['referenceDocumentUri'] ?? null,
        changes: ({ args }: Call) => {
          const names = args['quantityNames'] as string[] | undefined;
          return changes.filter(({ name }) => !names || names.includes(name));
        },
      },
    };
  }

  private refused(kind: WriteKind, problems: Problem[]): Node {
    return {
      __typename: `Inventory${kind}QuantitiesPayload`,
      inventoryAdjustmentGroup: null,
      userErrors: problems.map((one) => ({ __typename: `Inventory${kind}QuantitiesUserError`, ...one })),
    };
  }
}

const shown = (level: StockLevel): number => Math.trunc(availableOf(level));
