import { afterEach, describe, expect, it } from 'vitest';
import { driftUnits } from '../src/cli/demo/result.ts';
import { addChannel } from '../src/engine/connect.ts';
import { setChannelMode } from '../src/engine/modes.ts';
import { shopify, shopifyPos } from '../src/platforms/shopify/index.ts';
import type { ShopifySandbox } from '../src/platforms/shopify/sandbox.ts';
import { allLevels } from '../src/store/measure.ts';
import { toyPlatform } from './support/toy/index.ts';
import { type WorldEngine, worldEngine } from './support/world-engine.ts';

const other = toyPlatform('toyother', 'cas');
const MINUTE = 60_000;

let running: WorldEngine | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

/** A shop with tills, another shop, and both of its channels live. The tills are connected while the shop's lane works. */
async function shopWithTills() {
  const platforms = [shopify, other, shopifyPos];
  const run = await worldEngine({ platforms, items: 4 });
  running = run;
  const [shop] = run.world.channels;
  const account = run.engine.registry.byKey('shopify', shop!.sandbox.account)!;
  const config = run.world.configOf(shop!, run.engine.hookUrl(account)!);
  const added = await run.clock.run(addChannel(run.engine, { platform: 'shopify-pos', name: 'Tills', config }));
  await run.clock.run(setChannelMode(run.engine.context, added.channel, 'live', 'test', true));
  await run.clock.advance(5 * MINUTE);
  const { places } = shop!;
  if (places.kind !== 'places') throw new Error('a Shopify shop has places');
  return { run, account, sandbox: shop!.sandbox as ShopifySandbox, till: places.idOf['S1']! };
}

const documents = (run: WorldEngine) =>
  run.db.query<{ name: string; sale: number; heard: number }>(
    `select c.name, extract(epoch from d.sale_at)::float8 as sale, extract(epoch from d.heard_at)::float8 as heard
      from document d join channel c on c.id = d.channel_id order by d.id`,
  );
const pieces = async (run: WorldEngine, sku: string) =>
  (await allLevels(run.db)).filter((row) => row.sku === sku).reduce((sum, row) => sum + row.onHand - row.committed, 0);
const shownElsewhere = (run: WorldEngine, sku: string) =>
  run.world.channels[1]!.sandbox.shown()
    .filter((row) => row.sku === sku)
    .reduce((sum, row) => sum + row.available, 0);

describe('tills on the account of a shop', () => {
  it('are a channel of their own on the one account there is; each sale is posted once, in its row', async () => {
    const { run, account, sandbox, till } = await shopWithTills();
    expect(run.world.channels.map(({ platform }) => platform.facts.id)).toEqual(['shopify', 'toyother']);
    expect(run.engine.registry.all().map(({ platform }) => platform.facts.id)).toEqual(['shopify', 'toyother']);
    // What the lane holds is what the registry holds: one client, one budget, both channels.
    expect(run.engine.registry.byId(account.row.id)).toBe(account);
    expect(account.channels.map(({ name, source }) => [name, source])).toEqual([
      ['shopify-1', null],
      ['Tills', 'pos'],
    ]);
    expect(new Set(sandbox.hookTopics()).size).toBe(sandbox.hookTopics().length);
    const { sku } = run.world.items.find(({ stock }) => stock['S1']! >= 4 && stock['W1']! >= 1)!;
    const before = await pieces(run, sku);
    expect(sandbox.shopper.buy({ lines: [{ sku, quantity: 2 }], location: till }).ok).toBe(true);
    expect(sandbox.shopper.buy({ lines: [{ sku, quantity: 1 }], location: null }).ok).toBe(true);
    await run.clock.advance(5 * MINUTE);
    expect((await documents(run)).map(({ name }) => name)).toEqual(['Tills', 'shopify-1']);
    expect(await pieces(run, sku)).toBe(before - 3);
    expect(shownElsewhere(run, sku)).toBe(before - 3);
    expect(run.world.ledgerErrorUnits(await allLevels(run.db))).toBe(0);
    expect(await driftUnits(run.engine, run.world)).toBe(0);
  }, 120_000);

  it('upload late what they sold without a line: posted at the time of the sale, told at once', async () => {
    const { run, sandbox, till } = await shopWithTills();
    const { sku } = run.world.items.find(({ stock }) => stock['S1']! >= 2)!;
    const before = await pieces(run, sku);
    const rungUpAt = run.clock.now();
    await run.clock.advance(30 * MINUTE);
    expect(await pieces(run, sku)).toBe(before);
    sandbox.staff.uploadOffline(sku, 2, till, rungUpAt);
    await run.clock.advance(5 * MINUTE);
    const [sale] = await documents(run);
    expect(sale!.name).toBe('Tills');
    expect(sale!.sale).toBe(Math.floor(rungUpAt / 1000));
    expect(sale!.heard - sale!.sale).toBeGreaterThan(30 * 60 - 1);
    expect(await pieces(run, sku)).toBe(before - 2);
    expect(shownElsewhere(run, sku)).toBe(before - 2);
    expect(run.world.ledgerErrorUnits(await allLevels(run.db))).toBe(0);
  }, 120_000);
});
