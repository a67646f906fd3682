import { z } from 'zod';
import type { ShopifyConfig } from './config.ts';
import { ORDER_PARTS } from './documents.ts';
import { ask, asPromised, following, type ShopifyClient } from './graphql.ts';
import { type OrderPart, part } from './order-shape.ts';

/** Parts whose lines are read by one call: 4 × 30 lines keep it near 600 points. */
const PARTS_PER_CALL = 4;

/** The order changed while its pages were read: half of it would be of one moment, half of another. */
export class Torn extends Error {}

/** Pages after the first, each held against the moment of the first. */
export class FurtherPages {
  constructor(
    private readonly client: ShopifyClient,
    private readonly config: ShopifyConfig,
    private readonly id: string,
    private readonly updatedAt: string,
  ) {}

  /** One further page of a list of the order: its `updatedAt` is held against the first page's. */
  async page<Shape extends z.ZodRawShape>(
    op: 'orderLines' | 'orderPlaces' | 'orderReturns' | 'orderLists',
    query: string,
    after: string | null | undefined,
    shape: Shape,
  ): Promise<z.infer<z.ZodObject<Shape>>> {
    const variables = { id: this.id, ...(after !== undefined && { after }) };
    const answer = z.object({ order: z.looseObject({ updatedAt: z.string() }).nullable() });
    const { order } = await ask(this.client, this.config, op, query, variables, answer);
    if (order?.updatedAt !== this.updatedAt) throw new Torn();
    return asPromised(op, z.object(shape).safeParse(order));
  }

  /** All pages of all these parts, by id. */
  async parts(wanted: { id: string; after: string | null }[]): Promise<Map<string, OrderPart[]>> {
    const found = new Map<string, OrderPart[]>();
    const queue = [...wanted];
    const answer = z.object({ order: z.object({ updatedAt: z.string() }).nullable(), nodes: z.array(part.nullable()) });
    while (queue.length > 0) {
      // A cursor belongs to one part: parts that go on are read alone.
      const after = queue[0]!.after;
      const most = after === null ? PARTS_PER_CALL : 1;
      let count = 1;
      while (count < most && queue[count]?.after === null) count += 1;
      const ids = queue.splice(0, count).map((one) => one.id);
      const variables = { id: this.id, parts: ids, after };
      const { order: head, nodes } = await ask(this.client, this.config, 'orderParts', ORDER_PARTS, variables, answer);
      if (head?.updatedAt !== this.updatedAt || nodes.includes(null)) throw new Torn();
      for (const node of nodes) {
        if (!node) continue;
        found.set(node.id, [...(found.get(node.id) ?? []), node]);
        const lists = [node.fulfillmentLineItems, node.refundLineItems, node.lineItems, node.returnLines];
        const list = lists.find((one) => one !== undefined);
        const next = list ? following(list.pageInfo, after) : null;
        if (next !== null) queue.push({ id: node.id, after: next });
      }
    }
    return found;
  }
}
