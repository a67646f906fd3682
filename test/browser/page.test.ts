import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../src/cli/demo/start.ts';
import { holdChannel, setChannelMode } from '../../src/engine/modes.ts';
import { setReorder } from '../../src/engine/reorder.ts';
import { receive } from '../../src/engine/stock.ts';
import { demoPlatforms } from '../../src/platforms/index.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

let demo: Demo;
let browser: Browser;

interface AxeFound {
  violations: { id: string; nodes: { html: string }[] }[];
}

/** What axe finds on the page as it is now, dialogs and all. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate('axe.run()')) as AxeFound;
  return found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`);
}

async function open(scheme: 'light' | 'dark', width: number, height: number): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(demo.address);
  await page.waitForSelector('#stock tbody td');
  return page;
}

describe.skipIf(!existsSync(CHROMIUM))('the first page in Chromium (skipped where it is not installed)', () => {
  beforeAll(async () => {
    demo = await startDemo({
      platforms: demoPlatforms.slice(0, 2),
      perPlatform: 1,
      items: 30,
      seed: 1,
      factor: 100,
      faults: {},
      port: 0,
      progress: () => {},
    });
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [...FLAGS, '--disable-component-update', '--disable-sync'],
    });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await demo?.close();
  }, 60_000);

  it('paints within a second on loopback', async () => {
    const page = await open('light', 1440, 900);
    const paint = await page.evaluate('performance.getEntriesByName("first-contentful-paint")[0].startTime');
    expect(paint).toBeLessThan(1_000);
    await page.close();
  });

  it.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 390],
    ['dark', 390],
  ] as const)('has no accessibility fault: %s, %i wide', async (scheme, width) => {
    const page = await open(scheme, width, 900);
    expect(await faults(page)).toEqual([]);
    // Nothing is cut off at the side: the page itself never scrolls that way.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    await page.click('#stock tbody button');
    await page.waitForSelector('#why[open]');
    expect(await faults(page)).toEqual([]);
    await page.close();
  });

  it('shows a sale without being reloaded, and tells its story', async () => {
    const page = await open('light', 1440, 900);
    const [first] = demo.world.channels;
    const item = [...demo.world.items]
      .sort((a, b) => (a.sku < b.sku ? -1 : 1))
      .find((one) => Object.values(one.stock).every((units) => units > 2))!;
    expect(first!.sandbox.shopper.buy({ lines: [{ sku: item.sku, quantity: 1 }], location: null }).ok).toBe(true);
    await page.locator('#sales li', { hasText: item.sku }).first().waitFor({ timeout: 20_000 });
    await page.fill('#stock-search', item.sku);
    await page.click(`#stock tbody button:text-is(${JSON.stringify(item.sku)})`);
    await page.waitForSelector('#why[open]');
    expect(await page.textContent('#why-timeline')).toContain('committed +1');
    expect(await page.textContent('#why-cells')).toContain('are available behind it');
    await page.fill('#why-search', 'no such thing');
    await page.locator('#why-timeline', { hasText: 'Nothing like that.' }).waitFor();
    await page.keyboard.press('Escape');
    await page.close();
  });

  it('asks for a key, says what is wrong with a bad one, and opens with a good one, which it does not keep', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(demo.address.replace(/#.*/, ''));
    await page.fill('#key', 'onhand_wrong');
    expect(await faults(page)).toEqual([]);
    expect(await page.isVisible('#stock')).toBe(false);
    await page.click('#key-form button');
    await page.locator('#key-error', { hasText: 'not known' }).waitFor();
    await page.fill('#key', demo.apiKey);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#stock tbody td');
    expect(await page.isVisible('#key-form')).toBe(false);
    expect(
      await page.evaluate('[document.cookie, localStorage.length, document.documentElement.outerHTML].join()'),
    ).not.toContain(demo.apiKey);
    await page.reload();
    await page.waitForSelector('#stock tbody td');
    await context.close();
  });

  it('lists what is to be ordered, marks it in its row and says so in its dialog', async () => {
    const { context } = demo.engine;
    const item = demo.world.items.at(-1)!;
    const where = { sku: item.sku, location: demo.world.locations[0]!.name, by: 'test' };
    await setReorder(context, { ...where, point: 9_000, upTo: 9_500 });
    const page = await open('light', 390, 900);
    const row = page.locator('#order li', { hasText: item.sku });
    await row.waitFor();
    expect(await row.textContent()).toMatch(/order \d+ to have 9500/);
    expect(await faults(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.fill('#stock-search', item.sku);
    await page.locator('#stock tbody .mark', { hasText: 'low' }).waitFor();
    await row.locator('button').click();
    await page.waitForSelector('#why[open]');
    expect(await page.textContent('#why-reorder')).toContain('the point is 9000');
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await setReorder(context, { ...where, point: 0, upTo: 9_500 });
    await receive(context, { ...where, units: 1 });
    await page.reload();
    await page.waitForSelector('#stock tbody td');
    expect(await page.isVisible('#order-section')).toBe(false);
    await page.close();
  });

  it('takes the key of the address out of it', async () => {
    const page = await open('light', 1440, 900);
    expect(page.url()).not.toContain('onhand_');
    await page.close();
  });

  it('finds items, channels and orders by what is typed, and says so when there is none', async () => {
    const page = await open('light', 1440, 900);
    const [item] = demo.world.items;
    await page.fill('#stock-search', item!.title);
    await page.locator('#stock tbody tr').first().locator('button', { hasText: item!.sku }).waitFor();
    await expect
      .poll(() => page.locator('#stock tbody button').count())
      .toBe(demo.world.items.filter((one) => `${one.title}`.toLowerCase().includes(item!.title.toLowerCase())).length);
    await page.fill('#stock-search', 'no such thing %_');
    await page.locator('#stock tbody', { hasText: 'Nothing is called that.' }).waitFor();
    const [first] = demo.world.channels;
    await page.fill('#channels-search', first!.name.toUpperCase());
    await expect.poll(() => page.locator('#channels li').count()).toBe(1);
    await page.fill('#sales-search', 'no such order');
    await page.locator('#sales', { hasText: 'No order is called that.' }).waitFor();
    await page.close();
  });

  it('every number says when it was true', async () => {
    const page = await open('light', 1440, 900);
    const numbers = await page.locator('#stock tbody td:not(.none)').count();
    expect(numbers).toBeGreaterThan(20);
    expect(await page.locator('#stock tbody td:not(.none):has(time[datetime^="20"])').count()).toBe(numbers);
    for (const id of ['stock', 'sales', 'channels'])
      expect(await page.getAttribute(`#${id}-asof time`, 'datetime')).toMatch(/^20/);
    await page.close();
  });

  it('the keyboard opens and closes an item, and keeps its place when numbers are drawn again', async () => {
    const page = await open('light', 1440, 900);
    await page.selectOption('#stock-order', 'sku');
    const button = page.locator('#stock tbody button').nth(2);
    // Drawn in the new order: what is read before would be another row by then.
    const third = demo.world.items.map((one) => one.sku).sort()[2];
    await expect.poll(() => button.textContent()).toBe(third);
    const sku = await button.textContent();
    await button.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('#why[open]');
    expect(await page.textContent('#why-title')).toBe(sku);
    await page.keyboard.press('Escape');
    await page.waitForSelector('#why:not([open])', { state: 'attached' });
    expect(await page.evaluate('document.activeElement.dataset.key')).toBe(sku);
    const before = await page.getAttribute('#stock-asof time', 'datetime');
    const [item] = demo.world.items;
    await receive(demo.engine.context, {
      sku: item!.sku,
      location: demo.world.locations[0]!.name,
      units: 5,
      by: 'test',
    });
    await expect.poll(() => page.getAttribute('#stock-asof time', 'datetime'), { timeout: 15_000 }).not.toBe(before);
    expect(await page.evaluate('document.activeElement.dataset.key')).toBe(sku);
    await page.close();
  });

  it('a channel that is held says so at once, why, and what to do', async () => {
    const page = await open('light', 390, 844);
    const account = demo.engine.registry.all()[0]!;
    const [channel] = account.channels;
    const reason = '25 cells would go from above 0 to 0, orders explain 2';
    await holdChannel(demo.engine.context, channel!, reason, {});
    const card = page.locator('#channels li.bad');
    await card.waitFor({ timeout: 10_000 });
    const text = await card.textContent();
    expect(text).toContain('held');
    expect(text).toContain(`Nothing is written there: ${reason}`);
    expect(text).toContain(`onhand channel live ${channel!.name} --yes`);
    expect(await page.textContent('#summary')).toContain('1 needs a look');
    expect(await page.textContent('#look')).toContain(`${channel!.name} is held`);
    expect(await faults(page)).toEqual([]);
    await setChannelMode(demo.engine.context, channel!, 'live', 'test', true);
    await card.waitFor({ state: 'detached', timeout: 10_000 });
    await page.close();
  });
});
