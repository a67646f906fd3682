import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { UserError } from '../engine/user-error.ts';
import type { AnyPlatform } from '../platform/contract.ts';
import { demoPlatforms, platforms } from '../platforms/index.ts';
import { realClock } from '../runtime/clock.ts';
import type { Faults } from '../sandbox/index.ts';
import { type NoticeRow, openNotices } from '../store/notices.ts';
import { converged } from './demo/converge.ts';
import { demoResult, driftRows } from './demo/result.ts';
import { sellOrders, sellTrace } from './demo/sell.ts';
import { type Demo, startDemo } from './demo/start.ts';

/** The world of the demo is unkind from the first minute: what a bad week does to a shop, all day. */
const FAULTS: Faults = {
  hookLost: 0.05,
  hookDoubled: 0.1,
  hookLate: 0.05,
  hookReordered: 0.05,
  callThrottled: 0.005,
  callUnavailable: 0.005,
  callCutBefore: 0.005,
  callCutAfter: 0.005,
};
const PATIENCE_MS = 120_000;

interface Options {
  headless?: boolean;
  orders: string;
  seed: string;
  json?: string;
  trace?: string;
  items: string;
  rate: string;
  factor: string;
  perPlatform: string;
  platforms?: string;
  port: string;
}

/** demo: a whole small business on this machine; headless, it runs to the end and says what became of it. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('A whole small business on this machine: stand-ins of the platforms, shoppers, faults, the page.')
    .option('--headless', 'run to the end without a page, exit 1 unless everything agrees')
    .option('--orders <number>', 'orders to sell (headless)', '2000')
    .option('--seed <number>', 'the same seed sells the same orders', '1')
    .option('--json <file>', 'write the result there')
    .option('--trace <file>', 'sell a real order history (CSV or CSV.gz: invoice,sku,qty,timestamp,price,country)')
    .option('--items <number>', 'goods in the catalogue', '200')
    .option('--rate <number>', 'orders a second; headless as fast as 60', '')
    .option('--factor <number>', 'how much faster than the vendors’ own limits and delays', '100')
    .option('--platforms <ids>', `which platforms, with commas between, or "all" (default: ${idsOf(demoPlatforms)})`)
    .option('--per-platform <number>', 'accounts per platform', '2')
    .option('--port <number>', 'port of the page', '4310')
    .action(run);
}

const idsOf = (some: AnyPlatform[]) => some.map(({ facts }) => facts.id).join(',');

/** @throws UserError when one of the names is no platform's */
function chosen(ids: string | undefined): AnyPlatform[] {
  if (ids === undefined) return demoPlatforms;
  // A way of selling on another platform's account has no stand-in of its own.
  const own = platforms.filter(({ facts }) => !facts.account);
  if (ids === 'all') return own;
  return ids.split(',').map((id) => {
    const found = own.find(({ facts }) => facts.id === id.trim());
    if (found) return found;
    throw new UserError(
      'unknown-platform',
      `There is no stand-in called ${id.trim()}.`,
      `Choose among: ${idsOf(own)}.`,
    );
  });
}

async function run(options: Options): Promise<void> {
  const started = realClock.now();
  const progress = (text: string) =>
    console.error(`${((realClock.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  const ending = new AbortController();
  const end = () => ending.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  const seed = Number(options.seed);
  const orders = Number(options.orders);
  const history = options.trace ? await sellTrace.prepare(options.trace, orders) : null;
  const demo = await startDemo({
    platforms: chosen(options.platforms),
    perPlatform: Number(options.perPlatform),
    items: history?.items ?? Number(options.items),
    seed,
    factor: Number(options.factor),
    faults: FAULTS,
    port: options.headless ? 0 : Number(options.port),
    progress,
  });
  try {
    if (options.headless) await headless(demo, options, { orders, seed, history, progress, signal: ending.signal });
    else await withPage(demo, options, ending.signal);
  } finally {
    progress('ending');
    await demo.close();
  }
}

async function headless(
  demo: Demo,
  options: Options,
  work: {
    orders: number;
    seed: number;
    history: Awaited<ReturnType<typeof sellTrace.prepare>> | null;
    progress: (text: string) => void;
    signal: AbortSignal;
  },
): Promise<void> {
  const { world, engine } = demo;
  const { progress } = work;
  const rate = Number(options.rate || 60);
  if (!(await converged(engine, world, realClock, PATIENCE_MS, (text) => progress(`opening: ${text}`))))
    progress('the opening did not come to rest');
  world.faultsOn();
  const selling = realClock.now();
  const sold = work.history
    ? await sellTrace.sell(demo, work.history, { perSecond: rate, seed: work.seed, signal: work.signal, progress })
    : await sellOrders(demo, { orders: work.orders, perSecond: rate, signal: work.signal, progress });
  const sellingMs = realClock.now() - selling;
  progress(`${sold.orders} orders sold; waiting for what follows them`);
  while (!world.quiet() && !work.signal.aborted) await realClock.sleep(100, work.signal);
  world.faultsOff();
  let last = '';
  const ok = await converged(engine, world, realClock, PATIENCE_MS, (text) => {
    if (text !== last) progress(text);
    last = text;
  });
  const result = await demoResult(engine, world, {
    orders: sold.orders,
    unitsSold: sold.unitsSold,
    converged: ok,
    factor: Number(options.factor),
    sellingMs,
    openedAt: selling,
  });
  const json = JSON.stringify(result, null, 2);
  if (options.json) writeFileSync(options.json, `${json}\n`);
  console.log(json);
  if (result.driftUnits !== 0)
    for (const row of (await driftRows(engine, world)).slice(0, 20))
      progress(`${row.channel} shows ${row.shows} of ${row.sku} at ${row.place}, should show ${row.should}`);
  if (!ok || result.ledgerErrorUnits !== 0 || result.driftUnits !== 0)
    for (const [code, notices] of byCode(await openNotices(engine.context.db, 1_000)))
      progress(`${notices.length} × ${code}: ${notices[0]!.text}`);
  if (!ok || result.ledgerErrorUnits !== 0 || result.driftUnits !== 0) process.exitCode = 1;
}

async function withPage(demo: Demo, options: Options, signal: AbortSignal): Promise<void> {
  console.log(`\n  Open  ${demo.address}\n  Ctrl-C ends it and deletes everything.\n`);
  demo.world.faultsOn();
  const rate = Number(options.rate || 2);
  while (!signal.aborted) await demo.world.shoppers.run(100, rate, signal);
}

function byCode(notices: NoticeRow[]): Map<string, NoticeRow[]> {
  const groups = new Map<string, NoticeRow[]>();
  for (const notice of notices) groups.set(notice.code, [...(groups.get(notice.code) ?? []), notice]);
  return groups;
}
