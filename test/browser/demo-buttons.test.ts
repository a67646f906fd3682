import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../src/cli/demo/start.ts';
import { demoPlatforms } from '../../src/platforms/index.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** A folder for pictures of the page, for people to look at. */
const PICTURES = process.env['PICTURES'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

let demo: Demo;
let browser: Browser;
let page: Page;
const requested: string[] = [];

async function faults(): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate('axe.run()')) as { violations: { id: string; nodes: { html: string }[] }[] };
  return found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`);
}

const card = (id: string) => page.locator(`#demo [data-button="${id}"]`);

/** Presses a button and waits for its sentence, which its region says politely, and for every button to be free again. */
async function press(id: string): Promise<string> {
  await card(id).locator('button').first().click();
  await card(id).locator('.said.doing').waitFor();
  expect(await page.locator('#demo li > button[aria-disabled="true"]').count()).toBe(4);
  await card(id).locator('.said:not(.doing) time').waitFor({ timeout: 90_000 });
  expect(await page.locator('#demo li > button[aria-disabled="false"]').count()).toBe(4);
  expect(await card(id).locator('.said').getAttribute('role')).toBe('status');
  return (await card(id).locator('.said').textContent())!;
}

describe.skipIf(!existsSync(CHROMIUM))('the demo’s buttons in Chromium (skipped where it is not installed)', () => {
  beforeAll(async () => {
    demo = await startDemo({
      platforms: demoPlatforms,
      perPlatform: 1,
      items: 40,
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
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('request', (request) => requested.push(new URL(request.url()).pathname));
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await demo?.close();
  }, 60_000);

  it('are not asked for where the address does not say that this is the demo', async () => {
    await page.goto(demo.address.replace('&demo', ''));
    await page.waitForSelector('#sales li');
    expect(requested.filter((path) => path.startsWith('/demo'))).toEqual([]);
    expect(await page.locator('#demo').count()).toBe(0);
  });

  it('stay after the page is loaded again', async () => {
    await page.goto('about:blank');
    await page.goto(demo.address);
    await card('kill-engine').waitFor();
    await page.reload();
    await card('kill-engine').waitFor();
    expect(await card('cut-webhooks').locator('button').first().textContent()).toMatch(/^Cut .* webhooks$/);
  });

  it('the last one is sold twice; its story opens from the sentence', async () => {
    const said = await press('sell-twice');
    expect(said).toMatch(/ was told 0 after .* was refused in |^Oversold by one, .* available is -1/);
    const why = card('sell-twice').locator('.said button');
    const sku = (await why.textContent())!.replace('Why? ', '');
    expect(said).toContain(`the last ${sku}`);
    await why.click();
    await page.waitForSelector('#why[open]');
    expect(await page.textContent('#why-title')).toBe(sku);
    expect(await page.textContent('#why-timeline')).toContain('counted to the last one');
    await page.keyboard.press('Escape');
  });

  it('webhooks are cut, and let through again', async () => {
    expect(await press('cut-webhooks')).toMatch(/lost from now on, .* was heard all the same, .* late/);
    const button = card('cut-webhooks').locator('button').first();
    expect(await button.textContent()).toMatch(/^Restore .* webhooks$/);
    expect(await press('cut-webhooks')).toMatch(/come through again, .* was heard .* after it was placed/);
    expect(await button.textContent()).toMatch(/^Cut .* webhooks$/);
  });

  it('a number typed in by hand is put before a person', async () => {
    expect(await press('edit-by-hand')).toMatch(/5 units that no sale explains, .* a person was asked .* Why says: /);
    await page.locator('#look li', { hasText: 'is explained' }).first().waitFor({ timeout: 15_000 });
  });

  it('the engine is killed and comes back, with the page open and the keyboard where it was', async () => {
    const before = demo.engine;
    expect(await press('kill-engine')).toMatch(/^Dead for .* both orders .* were heard .* no number was told upward/);
    expect(demo.engine).not.toBe(before);
    await page.locator('#live-text', { hasText: /^live$/ }).waitFor({ timeout: 30_000 });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Kill the engine');
    await page.locator('#summary', { hasText: 'channels' }).waitFor({ timeout: 30_000 });
  });

  it.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 390],
    ['dark', 390],
  ] as const)('has no accessibility fault and nothing is cut off: %s, %i wide', async (scheme, width) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 900 });
    expect(await faults()).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/demo-${scheme}-${width}.png` });
  });
});
