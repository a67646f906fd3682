import { isDeepStrictEqual } from 'node:util';
import type { Doc } from '../../src/domain/document.ts';
import type { Engine } from '../../src/engine/engine.ts';

/** For whoever has to find out: what the engine itself thinks is open after a run. */
export async function openMatters(engine: Engine): Promise<string> {
  const { db } = engine.context;
  const counts = async (title: string, sql: string) => {
    const rows = await db.query<{ what: string; times: number }>(sql);
    return `${title}: ${rows.map((row) => `${row.times} × ${row.what}`).join('; ') || 'none'}`;
  };
  return [
    await counts(
      'modes',
      "select mode || ' ' || coalesce(mode_reason, '') as what, count(*)::int as times from channel group by 1",
    ),
    await counts(
      'stopped',
      "select platform || ' ' || stopped_reason as what, 1 as times from account where stopped_reason is not null",
    ),
    await counts(
      'notices',
      "select code || ' e.g. ' || min(text) as what, count(*)::int as times from notice where done_at is null group by code",
    ),
    await counts(
      'drifts',
      `select a.platform || ' ' || d.status || ' ' || d.cause || ' e.g. ' || min('seen ' || d.seen || ' believed ' || d.believed)
         as what, count(*)::int as times
       from drift d join cell c on c.id = d.cell_id join account a on a.id = c.account_id
       group by a.platform, d.status, d.cause`,
    ),
    await counts(
      'cells aside',
      'select aside_code as what, count(*)::int as times from cell where aside_code is not null group by 1',
    ),
  ].join('\n');
}

/** Documents that the platform tells otherwise than the ledger last heard, asked one by one. */
export async function documentsHeardWrong(engine: Engine): Promise<string[]> {
  const rows = await engine.context.db.query<{ accountId: number; doc: string; state: Doc }>(
    'select account_id as "accountId", doc, state from document where state is not null order by id',
  );
  const asks = (doc: Doc) =>
    doc.lines
      .map((line) => ({
        line: line.line,
        committed: line.parts.reduce((sum, part) => sum + part.committed, 0),
        out: line.parts.reduce((sum, part) => sum + part.out, 0),
      }))
      .filter((line) => line.committed || line.out)
      .sort((a, b) => (a.line < b.line ? -1 : 1));
  const wrong: string[] = [];
  for (const { accountId, doc, state } of rows) {
    const { platform, client, config } = engine.registry.byId(accountId)!;
    const now = await platform.fetchDocument(client, config, doc);
    const asked = now === 'gone' ? [] : asks(now);
    if (!isDeepStrictEqual(asked, asks(state)))
      wrong.push(
        `${platform.facts.id} ${doc}: heard ${JSON.stringify(asks(state))} (rev ${state.rev}), is ${JSON.stringify(asked)} (${now === 'gone' ? now : now.rev})`,
      );
  }
  return wrong;
}
