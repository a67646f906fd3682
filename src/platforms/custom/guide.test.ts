import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { createBudgets } from '../../platform/budget.ts';
import { createClient } from '../../platform/client.ts';
import type { Client, Verdict } from '../../platform/contract.ts';
import { realClock } from '../../runtime/clock.ts';
import { undiciTransport } from '../../runtime/transport.ts';
import { custom } from './index.ts';

// What a developer copies out of the guide is run here as it stands there.

const guide = readFileSync(
  fileURLToPath(new URL('../../../docs/guides/connect-your-own-system.md', import.meta.url)),
  'utf8',
);
const block = (language: string, name: string): string => {
  const found = new RegExp(`\`\`\`${language} run=${name}\n([\\s\\S]*?)\`\`\``).exec(guide);
  if (!found) throw new Error(`the guide has no ${language} block called ${name}`);
  return found[1]!;
};
const SECRET = `whsec_${Buffer.alloc(32, 'g').toString('base64')}`;
const run = promisify(execFile);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'onhand-guide-'));
  ends.push(() => rmSync(path, { recursive: true }));
  return path;
};

/** An entrance that says what it made of what came. */
async function entrance() {
  const verdicts: Verdict[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = request.headers as Record<string, string>;
    const delivery = {
      method: 'POST',
      path: request.url ?? '',
      headers,
      body: Buffer.concat(chunks),
      receivedAt: new Date().toISOString(),
    };
    const verdict = custom.verify(delivery, { account: 'my-shop', webhookSecret: SECRET }, Date.now());
    verdicts.push(verdict);
    response.writeHead(verdict.verdict === 'ok' && custom.accountOf!(delivery) === 'my-shop' ? 200 : 401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => server.close());
  const env = {
    ...process.env,
    ONHAND_SECRET: SECRET,
    ONHAND_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  return { env, verdicts };
}

const installed = async (program: string) =>
  run(program, ['--version']).then(
    () => true,
    () =>
      run(program, ['version']).then(
        () => true,
        () => false,
      ),
  );
const shell = (await installed('curl')) && (await installed('openssl'));

it.skipIf(!shell)('the curl example is taken (skipped where curl or openssl is not installed)', async () => {
  const { env, verdicts } = await entrance();
  const { stdout } = await run('sh', ['-e', '-c', block('sh', 'send')], { env });
  expect(stdout).toContain('200 OK');
  expect(verdicts).toMatchObject([{ verdict: 'ok', topic: 'order.created' }]);
});

it('the Node example is taken, and its mistakes are told', async () => {
  const { env, verdicts } = await entrance();
  const file = join(folder(), 'send.mjs');
  writeFileSync(file, block('js', 'send'));
  await run(process.execPath, [file], { env });
  expect(verdicts).toMatchObject([{ verdict: 'ok', topic: 'order.updated' }]);
  const other = { ...env, ONHAND_SECRET: `whsec_${Buffer.alloc(32, 'h').toString('base64')}` };
  await expect(run(process.execPath, [file], { env: other })).rejects.toThrow('401');
});

it('the system in one file answers everything that is asked, and guards its stock', async () => {
  const file = join(folder(), 'answer.mjs');
  writeFileSync(file, block('js', 'answer'));
  const child = spawn(process.execPath, [file], { env: { ...process.env, ONHAND_SECRET: SECRET, PORT: '0' } });
  ends.push(() => child.kill());
  const port = await new Promise<string>((resolve) =>
    child.stdout.on('data', (data) => resolve(/\d+/.exec(String(data))![0])),
  );
  const config = custom.config.parse({
    account: 'my-shop',
    webhookSecret: SECRET,
    baseUrl: `http://127.0.0.1:${port}`,
  });
  const client = createClient({
    platform: custom,
    config: () => config,
    saveConfig: async () => {},
    transport: undiciTransport({ allowPrivateHosts: ['127.0.0.1'] }),
    clock: realClock,
    random: Math.random,
    budgets: createBudgets(custom.facts, realClock),
  }) as Client<never>;
  const checks = await custom.check(client, config);
  expect(checks.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  const { items } = await custom.listListings(client, config, null);
  expect(items.map(({ sku }) => sku)).toEqual(['MUG-RED', 'MUG-BLUE']);
  const at = (sku: string, want: number, expect: number) => ({
    cell: { stockKey: sku, location: '-' },
    want,
    expect,
    asOf: new Date().toISOString(),
    key: sku,
    why: 'sync' as const,
  });
  const outcomes = await custom.pushLevels(client, config, [
    at('MUG-RED', 5, 7),
    at('MUG-BLUE', 9, 4),
    at('CUP', 1, 1),
  ]);
  expect(outcomes).toMatchObject([{ result: 'applied', after: 5 }, { result: 'stale', now: 3 }, { result: 'failed' }]);
  const read = await custom.readLevels(client, config, [at('MUG-RED', 0, 0).cell, at('CUP', 0, 0).cell]);
  expect(read.map(({ stockKey, available }) => [stockKey, available])).toEqual([['MUG-RED', 5]]);
  const page = await custom.poll(client, config, 'orders', null, '2026-11-24T00:00:00Z');
  expect(page.signals).toMatchObject([{ doc: { doc: 'order:1001', lines: [{ parts: [{ committed: 2 }] }] } }]);
  expect(await custom.fetchDocument(client, config, 'order:1001')).toMatchObject({ rev: '1' });
  expect(await custom.fetchDocument(client, config, 'order:9').catch((error) => error)).toMatchObject({
    failure: 'gone',
  });
  const stranger = custom.config.parse({
    ...config,
    webhookSecret: `whsec_${Buffer.alloc(32, 'h').toString('base64')}`,
  });
  const asStranger = createClient({
    platform: custom,
    config: () => stranger,
    saveConfig: async () => {},
    transport: undiciTransport({ allowPrivateHosts: ['127.0.0.1'] }),
    clock: realClock,
    random: Math.random,
    budgets: createBudgets(custom.facts, realClock),
  }) as Client<never>;
  await expect(custom.listListings(asStranger, stranger, null)).rejects.toMatchObject({ failure: 'auth' });
});
