import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyStore } from '../../test/support/ledger-fixture.ts';
import { toyPlatform } from '../../test/support/toy/index.ts';
import { type WorldEngine, worldEngine } from '../../test/support/world-engine.ts';
import { type HttpRequest, jsonResponse } from '../platform/http.ts';
import { realClock } from '../runtime/clock.ts';
import { seededRandom } from '../runtime/random.ts';
import { undiciTransport } from '../runtime/transport.ts';
import { saveAccountStopped } from '../store/accounts.ts';
import { Engine } from './engine.ts';
import { Heartbeat } from './heartbeat.ts';
import { setChannelMode } from './modes.ts';

const MINUTE = 60_000;
const URL_OF_MONITOR = 'https://monitor.example.com/ping/s3cret';

describe('while shops are live', () => {
  let run: WorldEngine;
  let called: HttpRequest[];
  let status: number;
  let said: string[];
  let heartbeat: Heartbeat;

  beforeEach(async () => {
    run = await worldEngine({ platforms: [toyPlatform('toy', 'cas')], items: 2 });
    [called, status, said] = [[], 200, []];
    heartbeat = new Heartbeat(
      {
        ...run.engine.context,
        log: {
          info: (_, text) => void said.push(text),
          warn: (fields, text) => void said.push(`${text}: ${(fields as { why: string }).why}`),
          error() {},
        },
        transport: async (request) => {
          called.push(request);
          return jsonResponse(status, '');
        },
      },
      URL_OF_MONITOR,
      (id) => run.engine.lane(id)?.health(),
    );
    await run.clock.advance(MINUTE);
    heartbeat.start();
  }, 60_000);
  afterEach(async () => {
    await run.clock.run(heartbeat.stop());
    await run.close();
  });

  /** How often it calls in ten minutes. */
  async function calls(): Promise<number> {
    called.length = 0;
    await run.clock.advance(10 * MINUTE);
    return called.length;
  }
  const account = () => run.engine.registry.all()[0]!;

  it('calls each minute, with nothing in it', async () => {
    expect(await calls()).toBe(11);
    expect(called[0]).toEqual({ method: 'GET', url: URL_OF_MONITOR, headers: {} });
    expect(await calls()).toBe(10);
    expect(said).toEqual([]);
  });

  it('is silent while a live lane fails, says so once, and calls again afterwards', async () => {
    await run.clock.advance(MINUTE);
    const { poll } = account().platform;
    account().platform.poll = () => Promise.reject(new Error('the shop is down'));
    await run.clock.advance(5 * MINUTE);
    expect(await calls()).toBe(0);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^no heartbeat is sent: .*(the shop is down|is not heard)/);
    account().platform.poll = poll;
    await run.clock.advance(5 * MINUTE);
    expect(await calls()).toBe(10);
    expect(said[1]).toBe('heartbeats are sent again');
  });

  it('is silent while the access of a live channel is lost, or its lane is held by nobody', async () => {
    await saveAccountStopped(run.db, account().row.id, 'access lost');
    await run.clock.run(run.engine.settingsChanged());
    await run.clock.advance(MINUTE);
    expect(await calls()).toBe(0);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/ is stopped: access lost$/);
    await saveAccountStopped(run.db, account().row.id, null);
    await run.clock.run(run.engine.settingsChanged());
    await run.clock.advance(2 * MINUTE);
    expect(await calls()).toBe(10);
    await run.clock.run(run.engine.closeLane(account().row.id));
    await run.clock.advance(MINUTE);
    expect(await calls()).toBe(0);
    expect(said.at(-1)).toContain('nobody holds the lane');
  });

  it('does not mind channels that are not live', async () => {
    const [channel] = account().channels;
    await setChannelMode(run.engine.context, channel!, 'paused', 'test');
    account().platform.poll = () => Promise.reject(new Error('the shop is down'));
    await run.clock.run(run.engine.settingsChanged());
    await run.clock.advance(MINUTE);
    expect(await calls()).toBe(10);
  });

  it('goes on calling a monitor that answers badly, and keeps the address to itself', async () => {
    status = 502;
    expect(await calls()).toBe(11);
    expect(said).toEqual(['no heartbeat is sent: monitor.example.com answered 502']);
  });

  it('is silent when the store does not answer', async () => {
    const broken = new Heartbeat(
      {
        ...run.engine.context,
        db: { ...run.db, query: () => Promise.reject(new Error('no store')) },
        transport: async (request) => {
          called.push(request);
          return jsonResponse(200, '');
        },
      },
      'https://broken.example.com/',
      () => undefined,
    );
    broken.start();
    await calls();
    expect(called.filter((one) => one.url.includes('broken'))).toEqual([]);
    await run.clock.run(broken.stop());
  });
});

it('an engine calls over a real line as soon as it runs, and no more once it is stopped', async () => {
  const heard: string[] = [];
  const server: Server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}`);
    response.writeHead(200).end('OK');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const engine = new Engine({
    db: await emptyStore(),
    platforms: [],
    box: undefined as never,
    clock: realClock,
    random: seededRandom(1),
    transport: undiciTransport({ allowPrivateHosts: [`127.0.0.1:${port}`] }),
    log: { info() {}, warn() {}, error() {} },
    publicUrl: null,
    heartbeatUrl: `http://127.0.0.1:${port}/ping/abc?s=up`,
    secretToken: () => 'x',
  });
  await engine.start();
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['GET /ping/abc?s=up']);
  await engine.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}, 30_000);
