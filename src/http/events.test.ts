import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../test/support/api-fixture.ts';
import { stockOf } from '../../test/support/ledger-fixture.ts';

let fixture: ApiFixture;
let base: string;
beforeAll(async () => {
  fixture = await apiFixture();
  base = await fixture.api.listen({ host: '127.0.0.1', port: 0 });
}, 60_000);
afterAll(() => fixture.close());

const connections = () =>
  new Promise<number>((resolve, reject) =>
    fixture.api.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

/** Waits on the real clock: sockets do not run on the virtual one. */
async function until(what: () => boolean | Promise<boolean>, text: string): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await what())) {
    if (performance.now() > end) throw new Error(`not within ten seconds: ${text}`);
    await sleep(20);
  }
}

it('a sale is told as posted, and then as pushed to the other channel', async () => {
  const { run, keys } = fixture;
  const gone = new AbortController();
  const headers = { authorization: `Bearer ${keys.read}` };
  const answer = await fetch(`${base}/v1/events`, { headers, signal: gone.signal });
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  let heard = '';
  const reading = (async () => {
    for await (const chunk of answer.body!) heard += Buffer.from(chunk).toString();
  })().catch(() => {});
  const [toy, other] = run.world.channels;
  await run.clock.advance(60_000);
  const shown = toy!.sandbox.shown().find((row) => row.available > 2)!;
  const before = (await stockOf(run.db, shown.sku)).committed;
  expect(toy!.sandbox.shopper.buy({ lines: [{ sku: shown.sku, quantity: 1 }], location: null }).ok).toBe(true);
  await run.clock.advance(30_000);
  expect((await stockOf(run.db, shown.sku)).committed).toBe(before + 1);
  const told = (kind: string) =>
    [...heard.matchAll(/^event: (\w+)\ndata: (.*)$/gm)]
      .filter(([, one]) => one === kind)
      .map(([, , data]) => JSON.parse(data!));
  const accountOf = (channel: typeof toy) =>
    run.engine.registry.byKey(channel!.platform.facts.id, channel!.sandbox.account)!.row.id;
  await until(() => told('pushed').some((one) => one.accountId === accountOf(other)), 'pushed to the other');
  expect(told('posted')[0]).toMatchObject({ accountId: accountOf(toy), doc: expect.stringMatching(/^order:/) });
  gone.abort();
  await reading;
  await until(async () => (await connections()) === 0, 'the connection is gone');
});

it('a reader that does not read is dropped, and costs no more than its backlog', async () => {
  const { run, keys } = fixture;
  await until(async () => (await connections()) === 0, 'nobody else listens');
  const socket = connect(Number(new URL(base).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`GET /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${keys.owner}\r\n\r\n`);
  await once(socket, 'readable');
  expect(await connections()).toBe(1);
  socket.pause();
  const event = { kind: 'notice', code: 'test', text: 'x'.repeat(10_000), at: new Date(0).toISOString() } as const;
  let told = 0;
  await until(async () => {
    for (let one = 0; one < 100; one += 1, told += 1) run.engine.context.events.emit(event);
    return (await connections()) === 0;
  }, 'the slow reader is dropped');
  // Kernel buffers of both ends, and the backlog that is allowed.
  expect(told * 10_000).toBeLessThan(60_000_000);
  socket.destroy();
});

it('a page that is open does not keep the server from closing', async () => {
  const answer = await fetch(`${base}/v1/events`, { headers: { authorization: `Bearer ${fixture.keys.read}` } });
  await answer.body!.getReader().read();
  const closed = await Promise.race([fixture.api.close().then(() => 'closed'), sleep(5_000, 'still open')]);
  expect(closed).toBe('closed');
});
