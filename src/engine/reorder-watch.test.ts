import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LedgerFixture, ledgerFixture } from '../../test/support/ledger-fixture.ts';
import { bodyText, type HttpRequest, jsonResponse, TransportError } from '../platform/http.ts';
import { vendorModule } from '../platform/testing/outside.ts';
import { undiciTransport } from '../runtime/transport.ts';
import { openNotices } from '../store/notices.ts';
import { setReorder, unsetReorder } from './reorder.ts';
import { ReorderReceiver } from './reorder-receiver.ts';
import { ReorderWatch } from './reorder-watch.ts';
import { adjust } from './stock.ts';

const outside = vendorModule('standardwebhooks');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SECRET = `whsec_${Buffer.alloc(32, 'r').toString('base64')}`;
/** Shows whom a seal belongs to, and hides the rest as far as a test needs it. */
const box = {
  seal: (value: unknown, whose: string) => Buffer.from(Buffer.from(JSON.stringify([whose, value])).toString('base64')),
  open: (sealed: Uint8Array, whose: string) => {
    const [belongs, value] = JSON.parse(Buffer.from(Buffer.from(sealed).toString('utf8'), 'base64').toString('utf8'));
    if (belongs !== whose) throw new Error('sealed for another');
    return value;
  },
};

let fixture: LedgerFixture;
let watch: ReorderWatch;
let sent: HttpRequest[];
/** What the receiver answers: statuses in order, the last one for good; 0 breaks the line. */
let answers: number[];
const started: ReorderWatch[] = [];

beforeEach(async () => {
  fixture = await ledgerFixture();
  [sent, answers] = [[], [204]];
  fixture.context.transport = async (request) => {
    sent.push(request);
    const status = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (status === 0) throw new TransportError('the connection broke off', true);
    return jsonResponse(status, status === 500 ? 'no\nroom' : '');
  };
  const { db, clock } = fixture;
  const hold =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      const release = clock.hold();
      return work(...args).finally(release);
    };
  fixture.context.db = {
    ...db,
    query: hold(db.query.bind(db)),
    transaction: hold(db.transaction.bind(db)),
    wake: async () => {},
  } as never;
  watch = watchOver();
});
afterEach(() => Promise.all(started.splice(0).map((one) => fixture.clock.run(one.stop()))));

function watchOver(): ReorderWatch {
  const one = new ReorderWatch(
    fixture.context,
    new ReorderReceiver(fixture.context, box as never, () => 'abcdefghijklmnopqrstuvwxyz012345'),
  );
  started.push(one);
  return one;
}

const notify = (secret?: string) =>
  fixture.clock.run(watch.receiver.save({ url: 'https://alerts.example.com/in?token=t0p', secret, by: 'test' }));
const point = (units: number, upTo = 20, sku = 'A') =>
  fixture.clock.run(setReorder(fixture.context, { sku, location: 'W1', point: units, upTo, by: 'test' }));
async function move(units: number, sku = 'A') {
  await fixture.clock.run(adjust(fixture.context, { sku, location: 'W1', units, by: 'test' }));
  watch.stockMoved();
  await fixture.clock.advance(3_000);
}
const alerts = () => sent.map((one) => JSON.parse(bodyText(one))).filter((one) => one.type === 'reorder.low');
const notices = async () => (await openNotices(fixture.db, 10)).map(({ code, text }) => ({ code, text }));

describe('an item that falls to its point', () => {
  it('is told once, and again only after it was above; the message says what to order', async () => {
    await notify(SECRET);
    await point(4);
    watch.start();
    await fixture.clock.advance(5_000);
    await move(-5);
    expect(alerts()).toEqual([]);
    await move(-1);
    expect(alerts()).toMatchObject([
      {
        type: 'reorder.low',
        data: { sku: 'A', title: 'Item A', location: 'W1', available: 4, point: 4, upTo: 20, order: 16 },
      },
    ]);
    await move(-2);
    await fixture.clock.advance(HOUR);
    expect(alerts()).toHaveLength(1);
    await move(2.5);
    await move(-0.5);
    expect(alerts()).toHaveLength(2);
    expect(new Set(sent.map((one) => one.headers['webhook-id'])).size).toBe(3);
    expect(await notices()).toEqual([]);
  });

  it('is told when its point is set above what is there, once among processes', async () => {
    await notify(SECRET);
    watch.start();
    watchOver().start();
    await fixture.clock.advance(2_000);
    await point(12);
    for (const one of started) one.changed();
    await fixture.clock.advance(5_000);
    expect(alerts()).toMatchObject([{ data: { available: 10, point: 12 } }]);
  });

  it('is told to nobody where nobody asked; what is off is forgotten', async () => {
    await point(12);
    watch.start();
    await fixture.clock.advance(5_000);
    await notify(SECRET);
    await fixture.clock.advance(5 * MINUTE);
    expect(alerts()).toEqual([]);
    answers = [0];
    await point(12, 20, 'B');
    watch.changed();
    await fixture.clock.advance(2_000);
    expect(alerts()).toHaveLength(1);
    await fixture.clock.run(watch.receiver.forget('test'));
    await fixture.clock.advance(HOUR);
    expect(alerts()).toHaveLength(1);
  });
});

describe('a receiver that fails', () => {
  it('is tried again, ever later, with one id and a signature of the moment; people see it until it works', async () => {
    await notify(SECRET);
    answers = [500, 0, 302, 200];
    await point(12);
    watch.start();
    await fixture.clock.advance(2_000);
    expect(alerts()).toHaveLength(1);
    expect(await notices()).toEqual([
      {
        code: 'reorder-alert-failing',
        text: 'An alert (A is low at W1) could not be sent: alerts.example.com answered 500: no room.',
      },
    ]);
    await fixture.clock.advance(7_000);
    expect(alerts()).toHaveLength(2);
    await fixture.clock.advance(6 * MINUTE);
    expect(alerts()).toHaveLength(3);
    await fixture.clock.advance(20 * MINUTE);
    expect(alerts()).toHaveLength(3);
    await fixture.clock.advance(15 * MINUTE);
    expect(alerts()).toHaveLength(4);
    expect(await notices()).toEqual([]);
    await fixture.clock.advance(3 * HOUR);
    expect(alerts()).toHaveLength(4);
    const tries = sent.slice(1);
    expect(new Set(tries.map((one) => one.headers['webhook-id'])).size).toBe(1);
    expect(new Set(tries.map((one) => one.headers['webhook-timestamp'])).size).toBe(4);
  });

  it('is given up after three days, or at once when it says that it is gone; the loss stays to be seen', async () => {
    await notify(SECRET);
    answers = [503];
    await point(12);
    watch.start();
    await fixture.clock.advance(3.5 * DAY);
    expect(alerts()).toHaveLength(10);
    expect(await notices()).toMatchObject([{ code: 'reorder-alert-lost' }]);
    answers = [410];
    await point(12, 20, 'B');
    watch.changed();
    await fixture.clock.advance(MINUTE);
    expect(alerts()).toHaveLength(11);
    answers = [200];
    await point(12, 20, 'C');
    watch.changed();
    await fixture.clock.advance(5_000);
    expect(await notices()).toEqual([]);
  });

  it('hears nothing late that is no longer true', async () => {
    await notify(SECRET);
    answers = [500, 200];
    await point(12);
    watch.start();
    await fixture.clock.advance(2_000);
    await move(5);
    await fixture.clock.advance(HOUR);
    expect(alerts()).toHaveLength(1);
    await point(30, 40);
    watch.changed();
    await fixture.clock.advance(2_000);
    expect(alerts()).toHaveLength(2);
  });

  it('hears nothing of an item whose point was taken away', async () => {
    await notify(SECRET);
    answers = [500, 200];
    await point(12);
    watch.start();
    await fixture.clock.advance(2_000);
    await fixture.clock.run(unsetReorder(fixture.context, { sku: 'A', location: 'W1' }));
    await fixture.clock.advance(HOUR);
    expect(alerts()).toHaveLength(1);
  });

  it('gets what a process that died while sending had taken, a minute later, with the same id', async () => {
    await notify(SECRET);
    await point(12);
    // It dies in the middle of the request.
    const { transport } = fixture.context;
    fixture.context.transport = (request) => {
      sent.push(request);
      return new Promise(() => {});
    };
    watch.start();
    await fixture.clock.advance(5_000);
    started.length = 0;
    expect(alerts()).toHaveLength(1);
    fixture.context.transport = transport;
    watchOver().start();
    await fixture.clock.advance(50_000);
    expect(alerts()).toHaveLength(1);
    await fixture.clock.advance(20_000);
    expect(alerts()).toHaveLength(2);
    expect(new Set(sent.slice(1).map((one) => one.headers['webhook-id'])).size).toBe(1);
  });
});

describe('the receiver', () => {
  it('is kept sealed, gets a secret of its own, and a first message', async () => {
    const saved = await notify();
    expect(saved).toMatchObject({ ok: true, said: 'alerts.example.com answered 204' });
    expect(saved.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(JSON.parse(bodyText(sent[0]!)).type).toBe('reorder.test');
    const [row] = await fixture.db.query<{ sealed: Buffer }>('select sealed from reorder_receiver');
    expect(row!.sealed.toString('utf8')).not.toMatch(/whsec|example|t0p/);
    expect(await watch.receiver.load()).toMatchObject({ host: 'alerts.example.com', secret: saved.secret });
  });

  it.each([
    'http://alerts.example.com/',
    'alerts.example.com',
    'ftp://alerts.example.com/',
    'https://me:pw@alerts.example.com/',
  ])('is not %s', async (url) => {
    await expect(watch.receiver.save({ url, by: 'test' })).rejects.toMatchObject({ code: 'receiver-invalid' });
    await expect(
      watch.receiver.save({ url: 'https://alerts.example.com', secret: 'hunter2', by: 'test' }),
    ).rejects.toMatchObject({ code: 'receiver-invalid' });
    expect(sent).toEqual([]);
  });

  it.skipIf(!outside)(
    'verifies what arrives over a real line with npm standardwebhooks (needs test/vendor)',
    async () => {
      const heard: { headers: IncomingMessage['headers']; body: string }[] = [];
      const server: Server = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => (body += chunk));
        request.on('end', () => {
          heard.push({ headers: request.headers, body });
          response.writeHead(200).end();
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      fixture.context.clock = { ...fixture.clock, now: () => Date.now() };
      fixture.context.transport = undiciTransport({ allowPrivateHosts: [`127.0.0.1:${port}`] });
      const url = `http://127.0.0.1:${port}/in`;
      expect(await watch.receiver.save({ url, secret: SECRET, by: 'test' })).toMatchObject({ ok: true });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      const [{ headers, body }] = heard as [(typeof heard)[0]];
      const verifier = new outside.Webhook(SECRET);
      expect(verifier.verify(body, headers)).toMatchObject({ type: 'reorder.test' });
      expect(() => verifier.verify(body.replace('test', 'tent'), headers)).toThrow();
      expect(await watch.receiver.save({ url, secret: SECRET, by: 'test' })).toMatchObject({
        ok: false,
        said: expect.stringContaining('nobody listens there'),
      });
    },
  );
});
