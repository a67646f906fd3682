import type { Doc } from '../../src/domain/document.ts';
import type { PostedLine } from '../../src/domain/posting.ts';
import { quantity } from '../../src/domain/quantity.ts';
import type { Database } from '../../src/store/database.ts';
import { type Acknowledged, deliveryKey } from './gateway.ts';

/** Acknowledged deliveries that the store has less often than they were acknowledged, and rows that did not end well. */
export async function lostDeliveries(db: Database, acknowledged: Acknowledged): Promise<string[]> {
  const rows = await db.query<{ path: string; sha256: string; times: number }>(
    "select path, encode(sha256(body), 'hex') as sha256, count(*)::int as times from delivery group by 1, 2",
  );
  const stored = new Map(rows.map((row) => [deliveryKey(row.path, row.sha256), row.times]));
  return [...acknowledged].flatMap(([key, times]) => {
    const has = stored.get(key) ?? 0;
    return has < times ? [`${key} was acknowledged ${times} times and is stored ${has} times`] : [];
  });
}

/** Every delivery must end done, ignored with a reason or set aside with a reason. */
export async function unfinishedDeliveries(db: Database): Promise<unknown[]> {
  return db.query(
    `select id, status, reason, topic from delivery
     where status not in ('done', 'ignored', 'aside') or (status <> 'done' and coalesce(reason, '') = '') order by id limit 20`,
  );
}

interface DocumentSums {
  id: number;
  doc: string;
  state: Doc | null;
  posted: PostedLine[];
  moment: string | null;
  copyOf: string | null;
  moved: { line: string; item: number; location: number; onHand: number; committed: number }[];
}

/**
 * Documents whose movements are not what they ask of stock, exactly once: line by line against what is noted as posted, and
 * in total against the platform's own state. Holds for moment "created" and recipes of one item to one unit.
 */
export async function documentsPostedWrong(db: Database): Promise<{ documents: number; wrong: string[] }> {
  const documents = await db.query<DocumentSums>(
    `select d.id, d.doc, d.state, d.posted, d.moment, d.copy_of as "copyOf",
       coalesce((select jsonb_agg(jsonb_build_object('line', m.line, 'item', m.item_id, 'location', m.location_id,
           'onHand', m.on_hand, 'committed', m.committed))
         from (select line, item_id, location_id, sum(on_hand) as on_hand, sum(committed) as committed
           from movement where document_id = d.id group by 1, 2, 3) m), '[]') as moved
     from document d order by d.id`,
  );
  return { documents: documents.length, wrong: documents.flatMap((document) => wrongIn(document)) };
}

function wrongIn({ doc, state, posted, moved, moment, copyOf }: DocumentSums): string[] {
  const asked = new Map<string, { onHand: number; committed: number }>();
  const add = (key: string, onHand: number, committed: number) => {
    const sum = asked.get(key) ?? { onHand: 0, committed: 0 };
    asked.set(key, { onHand: quantity(sum.onHand + onHand), committed: quantity(sum.committed + committed) });
  };
  for (const line of posted)
    for (const { allocations } of line.parts)
      for (const { location, committed, out } of allocations)
        for (const { item, num, den } of line.recipe ?? [])
          add(`${line.line} ${item}@${location}`, -quantity((out * num) / den), quantity((committed * num) / den));
  for (const { line, item, location, onHand, committed } of moved)
    add(`${line} ${item}@${location}`, -onHand, -committed);
  const wrong = [...asked].flatMap(([key, off]) =>
    off.onHand || off.committed
      ? [`${doc} line ${key}: posted and movements differ by ${off.onHand} on hand, ${off.committed} committed`]
      : [],
  );
  if (!state || copyOf !== null || moment !== 'created') return [...wrong, `${doc}: not a plain posted document`];
  const total = (pick: (part: { committed: number; out: number }) => number) =>
    quantity(state.lines.flatMap((line) => line.parts).reduce((sum, part) => sum + pick(part), 0));
  const sum = (pick: (move: { onHand: number; committed: number }) => number) =>
    quantity(moved.reduce((all, move) => all + pick(move), 0));
  if (
    total((part) => part.committed) !== sum((move) => move.committed) ||
    total((part) => part.out) !== -sum((move) => move.onHand)
  )
    wrong.push(`${doc}: its state and its movements differ`);
  return wrong;
}
