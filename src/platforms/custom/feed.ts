import { z } from 'zod';
import type { Doc } from '../../domain/document.ts';
import type { Client, FeedPage } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { asked, query } from './api.ts';
import { type CustomConfig, onlySends } from './config.ts';
import type { CustomOp } from './facts.ts';
import { orderMessage } from './message.ts';
import { docOf } from './order-doc.ts';

/** Told again at each turn: a slow transaction there may show an order after a younger one. The engine forgets what it knows. */
const OVERLAP_MS = 120_000;

const page = z.object({
  orders: z.array(orderMessage),
  next: z.string().min(1).nullish(),
  completeTo: z.iso.datetime({ offset: true }),
});

/** Where a walk stands. `completeTo`: what its first page promised; later pages can promise no more for the whole walk. */
const position = z.object({ since: z.string(), next: z.string().nullable(), completeTo: z.string().nullable() });

/** One page of changed orders, oldest change first. A walk that has reached its end starts again a little before it. */
export async function poll(
  client: Client<CustomOp>,
  config: CustomConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  // What it has to tell, it sends: there is nothing to wait for.
  if (onlySends(config))
    return { signals: [], cursor: 'sends', completeTo: new Date(client.now()).toISOString(), more: false };
  const at = startOf(cursor, since);
  const path = `/orders${query({ since: at.since, cursor: at.next })}`;
  const answer = await asked(client, config, 'orders', path, page);
  const next = answer.next ?? null;
  if (next !== null && next === at.next)
    throw new Failure('rejected', 'feed-stuck', 'GET /orders of your system answers with the cursor it was given.');
  const completeTo = earlier(at.completeTo, answer.completeTo, client.now());
  const signals = answer.orders.map((order) => ({ kind: 'document' as const, doc: docOf(order, config) }));
  if (next !== null)
    return { signals, cursor: JSON.stringify({ since: at.since, next, completeTo }), completeTo: null, more: true };
  // Never back: a system whose clock was set back would be asked for the same orders for ever.
  const from = Math.max(Date.parse(at.since), Date.parse(completeTo) - OVERLAP_MS);
  const restart = { since: new Date(from).toISOString(), next: null, completeTo: null };
  return { signals, cursor: JSON.stringify(restart), completeTo, more: false };
}

/** A cursor of the time when the system only sent starts anew at `since`. */
function startOf(cursor: string | null, since: string): z.infer<typeof position> {
  const start = { since: new Date(Date.parse(since)).toISOString(), next: null, completeTo: null };
  if (cursor === null || cursor === 'sends') return start;
  return position.parse(JSON.parse(cursor));
}

/** The least that was promised, and never more than now: its clock may run ahead of ours. */
const earlier = (promised: string | null, told: string, now: number): string =>
  new Date(Math.min(promised === null ? now : Date.parse(promised), Date.parse(told), now)).toISOString();

/** @throws Failure `rejected` where nothing can be asked; the engine does not ask such accounts (onlySends). */
export async function fetchDocument(
  client: Client<CustomOp>,
  config: CustomConfig,
  doc: string,
): Promise<Doc | 'gone'> {
  if (onlySends(config))
    throw new Failure(
      'rejected',
      'only-sends',
      'This system only sends: give a baseUrl so that orders can be asked for.',
    );
  const id = doc.replace(/^order:/, '');
  const answer = await asked(
    client,
    config,
    'order',
    `/orders/${encodeURIComponent(id)}`,
    z.object({ order: orderMessage }),
  );
  if (answer.order.id !== id)
    throw new Failure(
      'rejected',
      'other-order',
      `Asked for order ${id}, your system answered with ${answer.order.id}.`,
    );
  return docOf(answer.order, config);
}
