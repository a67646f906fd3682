import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, onhand, running } from '../../test/support/command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'onhand-inspect-'));
const env = { HOME: folder, ONHAND_HOME: join(folder, 'none') };
const SECRET = 'a-secret-of-the-shop';
beforeAll(() => void built(), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Signed here by the vendor's rule (HMAC-SHA256 of the raw body, base64), not by our connector. */
function recorded(name: string, { eol = '\r\n', flip = false, body = ORDER } = {}): string {
  const bytes = Buffer.from(body);
  const signature = createHmac('sha256', SECRET).update(bytes).digest('base64');
  if (flip) bytes[bytes.length - 3]! ^= 1;
  const head = [
    'POST /hooks/shopify/abc HTTP/1.1',
    'Host: shop.example',
    'Content-Type: application/json',
    'X-Shopify-Topic: orders/create',
    'X-Shopify-Shop-Domain: one.myshopify.com',
    'X-Shopify-API-Version: 2026-10',
    'X-Shopify-Webhook-Id: 7f3c0c1e-0000-4000-8000-000000000001',
    `X-Shopify-Hmac-Sha256: ${signature}`,
    `Content-Length: ${bytes.length}`,
  ].join(eol);
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat([Buffer.from(`${head}${eol}${eol}`), bytes]));
  return file;
}
// Line ends of both kinds inside the body: it must be taken byte by byte.
const ORDER =
  '{"id": 820982911946154508, "updated_at": "2026-11-24T08:00:00Z",\r\n "created_at": "2026-11-24T08:00:00Z",\n\n "line_items": [{"id": 866550311766439020, "variant_id": 808950810, "quantity": 1, "current_quantity": 1, "fulfillable_quantity": 1}]}';
const config = join(folder, 'config.json');
writeFileSync(config, JSON.stringify({ account: 'one.myshopify.com', webhookSecret: SECRET }));

describe('onhand inspect', () => {
  it.each([
    ['CRLF', '\r\n'],
    ['LF', '\n'],
  ])('verifies and decodes a recorded webhook whose head has %s', async (name, eol) => {
    const { code, json, err } = await onhand(
      ['inspect', 'shopify', recorded(`${name}.http`, { eol }), '--config', config],
      env,
    );
    expect([code, err, json.verdict.ok, json.topic]).toEqual([0, '', true, 'orders/create']);
    expect(json.signals.length).toBeGreaterThan(0);
    // More than 2^53: a number that went through JSON.parse would end in 000.
    expect(JSON.stringify(json.signals)).toContain('820982911946154508');
  });

  it('says why a flipped byte, a wrong secret or no secret is refused', async () => {
    const flipped = await onhand(
      ['inspect', 'shopify', recorded('flip.http', { flip: true }), '--config', config],
      env,
    );
    expect([flipped.code, flipped.json.verdict, flipped.json.signals]).toMatchObject([
      1,
      { ok: false, why: 'bad-signature' },
      [],
    ]);
    const none = await onhand(['inspect', 'shopify', recorded('none.http')], env);
    expect([none.code, none.json.verdict]).toMatchObject([1, { ok: false, why: 'no-secret' }]);
    expect(none.json.verdict.say.length).toBeGreaterThan(5);
  });

  it('says what is wrong with a file', async () => {
    writeFileSync(join(folder, 'text.http'), 'hello');
    for (const [file, text] of [
      [join(folder, 'text.http'), 'request line'],
      [join(folder, 'gone.http'), 'no such file'],
    ] as const) {
      const { code, err } = await onhand(['inspect', 'shopify', file], env);
      expect([code, err.includes(text)]).toEqual([1, true]);
      expect(err).toMatch(/\n→ .+\n$/);
    }
  });
});

describe('commands that need no store', () => {
  it('platforms prints what each is, and how well it is known', async () => {
    const { code, json } = await onhand(['platforms', '--json'], env);
    expect(code).toBe(0);
    for (const one of json) {
      expect(one).toMatchObject({
        id: expect.any(String),
        evidence: { rung: expect.stringMatching(/^(modelled|contract|client|server|live)$/) },
      });
      expect(one.evidence.why.length).toBeGreaterThan(5);
    }
    const text = (await onhand(['platforms'], env)).out;
    for (const one of json) expect(text).toContain(`${one.id}: ${one.evidence.rung}.`);
  });

  it('sandbox prints JSON with address and credentials, answers there, and ends on Ctrl-C', async () => {
    const { ready, end } = await running(['sandbox', 'woocommerce', 'amazon', '--port', '0', '--items', '2'], env);
    expect(ready.map((one: { platform: string }) => one.platform)).toEqual(['woocommerce', 'amazon']);
    for (const { url, config: given } of ready) {
      expect(Object.keys(given).length).toBeGreaterThan(2);
      expect((await fetch(`${url}/wp-json/wc/v3/products`)).status).toBeGreaterThanOrEqual(400);
    }
    expect(await end()).toBe(0);
  });

  it('an unknown command or platform ends with what to do', async () => {
    const wrong = await onhand(['sel'], env);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain('onhand --help');
    const unknown = await onhand(['sandbox', 'nope'], env);
    expect([unknown.code, unknown.err]).toEqual([1, 'There is no platform "nope".\n→ See "onhand platforms".\n']);
    const broken = await onhand(['stock', 'show'], { ...env, ONHAND_PORT: 'http' });
    expect([broken.code, broken.err]).toEqual([1, expect.stringMatching(/ONHAND_PORT.*\n→ /)]);
  });
});
