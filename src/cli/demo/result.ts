import { exposure, wanted } from '../../domain/exposure.ts';
import { quantity } from '../../domain/quantity.ts';
import type { Engine } from '../../engine/engine.ts';
import type { World } from '../../sandbox/index.ts';
import {
  allLevels,
  heardDelays,
  pushCount,
  saleToVisibleDelays,
  skusOfCells,
  visibleDelays,
} from '../../store/measure.ts';
import { planCells, takeableCells } from '../../store/planning.ts';

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

/** What a demo run ends with; the names are a contract. Times in milliseconds. */
export interface DemoResult {
  platforms: number;
  channels: number;
  orders: number;
  unitsSold: number;
  /** Units by which the ledger's available is below zero at the end: sold, and not there. */
  oversoldUnits: number;
  /** Units the platforms sold beyond what they showed: their own races. */
  channelOversoldUnits: number;
  /** Σ |shown − exposure| over all writable cells, as the stand-ins themselves say. */
  driftUnits: number;
  /** Σ |ledger − the stand-ins' own order books|, on hand and committed. */
  ledgerErrorUnits: number;
  lostWebhooks: number;
  duplicateWebhooks: number;
  pushes: number;
  converged: boolean;
  clockFactor: number;
  heardMs: Percentiles;
  heardToVisibleMs: Percentiles;
  saleToVisibleMs: Percentiles;
  ordersPerSecond: number;
}

export async function demoResult(
  engine: Engine,
  world: World,
  run: {
    orders: number;
    unitsSold: number;
    converged: boolean;
    factor: number;
    sellingMs: number;
    openedAt: number;
    openingErrorUnits?: number;
  },
): Promise<DemoResult> {
  const { db } = engine.context;
  const ledger = await allLevels(db);
  const network = world.networkCounts();
  const available = new Map<string, number>();
  for (const row of ledger)
    available.set(row.sku, quantity((available.get(row.sku) ?? 0) + row.onHand - row.committed));
  return {
    platforms: new Set(world.channels.map((channel) => channel.platform.facts.id)).size,
    channels: world.channels.length,
    orders: run.orders,
    unitsSold: run.unitsSold,
    oversoldUnits: [...available.values()].reduce((sum, units) => quantity(sum + Math.max(0, -units)), 0),
    channelOversoldUnits: world.channelOversoldUnits(),
    driftUnits: await driftUnits(engine, world),
    ledgerErrorUnits: world.ledgerErrorUnits(ledger),
    lostWebhooks: network.hooksLost,
    duplicateWebhooks: network.hooksDoubled,
    pushes: await pushCount(db),
    converged: run.converged,
    clockFactor: run.factor,
    heardMs: percentiles(await heardDelays(db)),
    heardToVisibleMs: percentiles(await visibleDelays(db, new Date(run.openedAt).toISOString())),
    saleToVisibleMs: percentiles(await saleToVisibleDelays(db)),
    ordersPerSecond: Math.round((run.orders / Math.max(1, run.sellingMs)) * 100_000) / 100,
  };
}

/** What every stand-in really shows against what the ledger lets it show; nothing of what we believe enters. */
export async function driftUnits(engine: Engine, world: World): Promise<number> {
  const rows = await driftRows(engine, world);
  return rows.reduce((sum, row) => quantity(sum + Math.abs(row.shows - row.should)), 0);
}

export interface DriftRow {
  channel: string;
  sku: string;
  place: string;
  shows: number;
  should: number;
  cell: number;
}

/** The cells behind {@link driftUnits}, for people to look at. */
export async function driftRows(engine: Engine, world: World): Promise<DriftRow[]> {
  const rows: DriftRow[] = [];
  for (const channel of world.channels) {
    const account = engine.registry.byKey(
      channel.platform.facts.account?.platform ?? channel.platform.facts.id,
      channel.sandbox.account,
    );
    if (!account) throw new Error(`${channel.name} is not connected`);
    // A pool has one place, which the stand-in's book may call by another name than its API.
    const pool = account.places.size === 1;
    const keyOf = (sku: string | undefined, location: string) => `${sku}\u0000${pool ? '' : location}`;
    const shown = new Map(channel.sandbox.shown().map((row) => [keyOf(row.sku, row.location), row.available]));
    const skus = new Map<string, string>();
    for (const listing of await skusOfCells(engine.context.db, account.row.id)) skus.set(listing.stockKey, listing.sku);
    let after = 0;
    for (;;) {
      const ids = await takeableCells(engine.context.db, account.row.id, after, 1_000);
      if (ids.length === 0) break;
      after = ids.at(-1)!;
      const since = new Date(engine.context.clock.now()).toISOString();
      for (const cell of await planCells(
        engine.context.db,
        ids.map((id) => ({ id, since })),
      )) {
        if (cell.draws.length === 0 || !cell.tracked || cell.unwritable) continue;
        const facts = account.platform.facts.push;
        const policy = account.channels[0]?.settings.policy ?? {};
        const want = wanted(exposure(cell.draws, policy, facts.decimals), cell.cell.untaken, facts);
        const real = shown.get(keyOf(skus.get(cell.cell.stockKey), cell.cell.remote));
        if (real === undefined)
          throw new Error(`${channel.name} shows nothing for ${cell.cell.stockKey} at ${cell.cell.remote}`);
        const shows = Math.max(facts.min, real);
        if (shows !== want)
          rows.push({
            channel: channel.name,
            sku: skus.get(cell.cell.stockKey) ?? '?',
            place: cell.cell.remote,
            shows,
            should: want,
            cell: cell.cell.id,
          });
      }
    }
  }
  return rows;
}

function percentiles(values: number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted.length === 0
      ? 0
      : Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]! * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
