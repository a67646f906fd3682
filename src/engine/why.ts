import { exposure } from '../domain/exposure.ts';
import { quantity } from '../domain/quantity.ts';
import { listLocationRows } from '../store/catalogue.ts';
import { type HistoryRow, itemTimeline } from '../store/history.ts';
import { cellsOfItem, planCells } from '../store/planning.ts';
import type { Engine } from './engine.ts';
import { planCell } from './plan.ts';
import { type ReorderLine, reorderLinesOf } from './reorder.ts';
import { findItem } from './stock.ts';

export interface Why {
  sku: string;
  title: string;
  /** When this answer was true. */
  asOf: string;
  /** One sentence per cell: what it shows and why. */
  cells: {
    channel: string;
    place: string;
    shows: number | null;
    shouldShow: number;
    sentence: string;
    at: string | null;
  }[];
  /** Where it is ordered again, and whether now is the time. */
  reorder: ReorderLine[];
  timeline: { at: string; text: string }[];
}

/** Why every channel shows what it shows for an item, and what happened to it. */
export async function why(engine: Engine, sku: string, limit = 50): Promise<Why> {
  const { context, registry } = engine;
  const item = await findItem(context.db, sku);
  const now = context.clock.now();
  const asOf = new Date(now).toISOString();
  const ids = await cellsOfItem(context.db, item.id);
  const planned = await planCells(
    context.db,
    ids.map((id) => ({ id, since: asOf })),
  );
  const rows = await itemTimeline(context.db, item.id, limit);
  const cells = planned.flatMap((cell) => {
    const account = registry.byId(cell.cell.accountId);
    if (!account) return [];
    const channel = account.channels.find((one) => cell.channelIds.includes(one.id));
    const decimals = account.platform.facts.push.decimals;
    const exposed = exposure(cell.draws, channel?.settings.policy ?? {}, decimals);
    const available = Math.min(...cell.draws.map((draw) => quantity((draw.available * draw.den) / draw.num)));
    const plan = planCell(account, cell, now);
    const shows = cell.cell.shadow.seen?.value ?? cell.cell.shadow.shown;
    const name = channel?.name ?? account.row.key;
    const { seen, shown } = cell.cell.shadow;
    const asked = rows.some(
      (row) =>
        row.kind === 'drift' && row.note === 'open' && row.accountId === account.row.id && row.ref === cell.cell.remote,
    );
    const state =
      plan.do === 'write'
        ? `it is being told ${plan.want}`
        : plan.do === 'read'
          ? 'it has to be read first'
          : asked && seen
            ? `${shown} of that is explained, and a person is asked about the difference`
            : plan.reason;
    const untaken = cell.cell.untaken ? `, ${cell.cell.untaken} of its own orders still to be taken off there` : '';
    return [
      {
        channel: name,
        place: account.places.get(cell.cell.remote)?.name ?? cell.cell.remote,
        shows,
        shouldShow: Math.max(0, exposed + cell.cell.untaken),
        sentence: `${name} shows ${shows ?? 'an unknown number'}: ${available} are available behind it, its policy lets it tell ${exposed}${untaken}; ${state}.`,
        at:
          cell.cell.readAt === null && !cell.cell.shadow.lastWrite
            ? null
            : new Date(Math.max(cell.cell.readAt ?? 0, cell.cell.shadow.lastWrite?.effectiveBy ?? 0)).toISOString(),
      },
    ];
  });
  const locations = new Map((await listLocationRows(context.db)).map((row) => [row.id, row.name]));
  const nameOf = (id: number | null) => (id === null ? '' : (registry.byId(id)?.channels[0]?.name ?? `account ${id}`));
  return {
    sku,
    title: item.title,
    asOf,
    cells,
    reorder: (await reorderLinesOf(context.db, [item.id])).get(item.id) ?? [],
    timeline: rows.map((row) => ({ at: row.at, text: sentence(row, locations, nameOf) })),
  };
}

function sentence(row: HistoryRow, locations: Map<number, string>, nameOf: (id: number | null) => string): string {
  const signed = (units: number | null) => `${(units ?? 0) > 0 ? '+' : ''}${units ?? 0}`;
  const note = row.note ? ` (${row.note})` : '';
  if (row.kind === 'movement') {
    const parts = [
      ...(row.onHand ? [`on hand ${signed(row.onHand)}`] : []),
      ...(row.committed ? [`committed ${signed(row.committed)}`] : []),
    ];
    const source = row.accountId === null ? (row.by ?? '') : nameOf(row.accountId);
    return `${row.reason} ${row.ref ?? ''} from ${source} at ${locations.get(row.location ?? 0) ?? '?'}: ${parts.join(', ')}${note}`.replace(
      / {2,}/g,
      ' ',
    );
  }
  if (row.kind === 'push')
    return `${nameOf(row.accountId)} told ${row.value} (had ${row.expect ?? '?'}): ${row.reason}${note}`;
  return `${nameOf(row.accountId)} showed ${row.value}, explained was ${row.expect}: ${row.reason}${note}`;
}
