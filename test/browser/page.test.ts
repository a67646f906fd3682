import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../src/cli/demo/start.ts';
import { platforms } from '../../src/platforms/index.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

let demo: Demo;
let browser: Browser;

async function open(scheme: 'light' | 'dark', width: number, height: number): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(demo.address);
  await page.waitForSelector('#stock tbody td');
  return page;
}

describe.skipIf(!existsSync(CHROMIUM))('the first page in Chromium (skipped where it is not installed)', () => {
  beforeAll(async () => {
    demo = await startDemo({
      platforms: platforms.slice(0, 2),
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
    await page.evaluate(axe.source);
    const found = (await page.evaluate('axe.run()')) as { violations: { id: string; nodes: { html: string }[] }[] };
    expect(found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
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
    await page.keyboard.press('Escape');
    await page.close();
  });

  it('asks for a key and says what is wrong with a bad one', async () => {
    const page = await browser.newPage();
    await page.goto(demo.address.replace(/#.*/, ''));
    await page.fill('#key', 'onhand_wrong');
    await page.click('#key-form button');
    await page.locator('#key-error', { hasText: 'not known' }).waitFor();
    await page.close();
  });
});
