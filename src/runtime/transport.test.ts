import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { undiciTransport } from './transport.ts';

const running: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of running.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function portOf(server: Server): Promise<number> {
  running.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function http(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await portOf(createServer(listener))}`;
}

/** A server below HTTP: sees bytes, and may break off at any point. */
async function tcp(connected: (socket: Socket) => void): Promise<number> {
  return portOf(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      connected(socket);
    }),
  );
}

const inside = undiciTransport({ allowPrivateHosts: ['127.0.0.1', 'localhost'] });
const get = (url: string) => ({ method: 'GET' as const, url, headers: {} });
const time = { timeoutMs: 5_000 };
const text = (response: { body: Uint8Array }) => Buffer.from(response.body).toString();

describe('a whole exchange', () => {
  it('carries method, path, headers and bytes both ways, unchanged', async () => {
    const base = await http((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        response.setHeader('X-Many', ['a', 'b']);
        response.writeHead(418);
        response.end(
          `${request.method} ${request.url} ${request.headers['x-one']} ${Buffer.concat(chunks).toString('hex')}`,
        );
      });
    });
    const body = Uint8Array.from([0, 255, 10]);
    const response = await inside({ method: 'PUT', url: `${base}/a?b=c%20d`, headers: { 'x-one': '1' }, body }, time);
    expect(response.status).toBe(418);
    expect(response.headers['x-many']).toBe('a, b');
    expect(text(response)).toBe('PUT /a?b=c%20d 1 00ff0a');
  });

  it('unpacks, and says no more that it was packed', async () => {
    const base = await http((request, response) => {
      expect(request.headers['accept-encoding']).toContain('gzip');
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync('hello'));
    });
    const response = await inside(get(base), time);
    expect([text(response), response.headers['content-encoding']]).toEqual(['hello', undefined]);
  });

  it('follows no redirect', async () => {
    const base = await http((_, response) => {
      response.writeHead(302, { location: 'http://169.254.169.254/' });
      response.end();
    });
    expect((await inside(get(base), time)).status).toBe(302);
  });

  it('keeps connections for the next request', async () => {
    const ports = new Set<number | undefined>();
    const base = await http((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('ok');
    });
    for (let calls = 0; calls < 20; calls++) await inside(get(base), time);
    // A second one may open while the first is being put back.
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});

describe('sent: false — the platform cannot have seen it', () => {
  it('nobody listens', async () => {
    const server = createTcpServer();
    const port = await portOf(server);
    await new Promise((resolve) => running.pop()!.close(resolve));
    await expect(inside(get(`http://127.0.0.1:${port}`), time)).rejects.toMatchObject({
      name: 'TransportError',
      sent: false,
      message: expect.stringContaining('nobody listens'),
    });
  });

  it('there is no such host', async () => {
    await expect(inside(get('http://no-such-host.invalid'), time)).rejects.toMatchObject({ sent: false });
  });

  it('the other side speaks no TLS', async () => {
    const port = await tcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(inside(get(`https://127.0.0.1:${port}`), time)).rejects.toMatchObject({ sent: false });
  });

  it('the connection never becomes secure in time', async () => {
    const port = await tcp(() => {});
    const call = inside(get(`https://127.0.0.1:${port}`), { timeoutMs: 200 });
    await expect(call).rejects.toMatchObject({ sent: false, message: expect.stringContaining('200 ms') });
  });

  it('it was given up while it waited for a place', async () => {
    await expect(
      inside(get('http://127.0.0.1:1'), { timeoutMs: 1000, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ sent: false });
  });
});

describe('sent: true — it may have acted on it', () => {
  it('cut off before the request was read to its end', async () => {
    const port = await tcp((socket) => socket.once('data', () => socket.destroy()));
    const call = inside({ method: 'POST', url: `http://127.0.0.1:${port}`, headers: {}, body: 'x'.repeat(1e6) }, time);
    await expect(call).rejects.toMatchObject({ name: 'TransportError', sent: true });
  });

  it('cut off after it was read, with no answer', async () => {
    const port = await tcp((socket) => socket.once('data', () => socket.end()));
    await expect(inside(get(`http://127.0.0.1:${port}`), time)).rejects.toMatchObject({ sent: true });
  });

  it('cut off in the middle of the answer', async () => {
    const port = await tcp((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')),
    );
    await expect(inside(get(`http://127.0.0.1:${port}`), time)).rejects.toMatchObject({ sent: true });
  });

  it('no answer in time, or one that never ends', async () => {
    const port = await tcp(() => {});
    const silent = inside(get(`http://127.0.0.1:${port}`), { timeoutMs: 150 });
    await expect(silent).rejects.toMatchObject({ sent: true, message: expect.stringContaining('150 ms') });
    const endless = await http((_, response) => {
      response.write('a');
    });
    await expect(inside(get(endless), { timeoutMs: 150 })).rejects.toMatchObject({ sent: true });
  });

  it('given up while under way', async () => {
    const abort = new AbortController();
    const port = await tcp((socket) => socket.once('data', () => abort.abort()));
    const call = inside(get(`http://127.0.0.1:${port}`), { timeoutMs: 5_000, signal: abort.signal });
    await expect(call).rejects.toMatchObject({ sent: true });
  });

  it('garbage for an answer', async () => {
    const port = await tcp((socket) => socket.once('data', () => socket.end('SMTP ready\r\n')));
    await expect(inside(get(`http://127.0.0.1:${port}`), time)).rejects.toMatchObject({ sent: true });
  });

  it('an answer too large, as sent or once unpacked', async () => {
    const small = undiciTransport({ allowPrivateHosts: ['127.0.0.1'], responseBytesMax: 1000 });
    const plain = await http((_, response) => response.end('x'.repeat(1001)));
    await expect(small(get(plain), time)).rejects.toMatchObject({
      sent: true,
      message: expect.stringContaining('1000'),
    });
    const bomb = await http((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync('x'.repeat(10_000)));
    });
    await expect(small(get(bomb), time)).rejects.toMatchObject({
      sent: true,
      message: expect.stringContaining('1000'),
    });
  });
});

it('errors name host and reason, never path, query or headers', async () => {
  const request = { method: 'GET', url: 'http://127.0.0.1:1/path?key=query-secret', headers: { a: 'header-secret' } };
  const error = await inside(request, time).catch((thrown: unknown) => thrown as Error);
  expect(String(error)).toContain('127.0.0.1:1');
  expect(String(error)).not.toMatch(/secret|path/);
});

describe('our own network', () => {
  const closed = undiciTransport({ allowPrivateHosts: [] });
  it.each([
    'http://127.0.0.1:9/',
    'http://localhost:9/',
    'http://2130706433:9/',
    'http://0x7f.1:9/',
    'http://[::1]:9/',
    'http://[::ffff:127.0.0.1]:9/',
    'http://10.1.2.3/',
    'http://0.0.0.0:9/',
    'http://169.254.169.254/latest/meta-data',
    'http://[fe80::1]/',
    'http://[64:ff9b::a00:1]/',
  ])('%s is refused, unsent, and it is said what to do', async (url) => {
    await expect(closed(get(url), time)).rejects.toMatchObject({
      sent: false,
      message: expect.stringMatching(/ONHAND_ALLOW_PRIVATE_HOSTS|no shop can be/),
    });
  });

  it('opens host by host, with or without port, and never to link-local addresses', async () => {
    const base = await http((_, response) => response.end('inside'));
    const { host, port } = new URL(base);
    expect(text(await undiciTransport({ allowPrivateHosts: [host] })(get(base), time))).toBe('inside');
    const byName = undiciTransport({ allowPrivateHosts: ['LOCALHOST'] });
    expect(text(await byName(get(`http://localhost:${port}`), time))).toBe('inside');
    await expect(byName(get(base), time)).rejects.toMatchObject({ sent: false });
    const other = undiciTransport({ allowPrivateHosts: [`127.0.0.1:${Number(port) + 1}`] });
    await expect(other(get(base), time)).rejects.toMatchObject({ sent: false });
    const foolish = undiciTransport({ allowPrivateHosts: ['169.254.169.254'] });
    await expect(foolish(get('http://169.254.169.254/'), time)).rejects.toMatchObject({ sent: false });
  });
});

let openssl = true;
try {
  execFileSync('openssl', ['version'], { stdio: 'ignore' });
} catch {
  openssl = false;
}

describe.skipIf(!openssl)('TLS with a CA of our own (needs the openssl command to make a certificate)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onhand-tls-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  if (openssl)
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
        .concat(['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'])
        .concat(['-keyout', key, '-out', cert]),
      { stdio: 'ignore' },
    );

  it('trusts it when named, and otherwise sends nothing', async () => {
    let requests = 0;
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
      requests++;
      response.end('secure');
    });
    const url = `https://localhost:${await portOf(server)}/`;
    await expect(inside(get(url), time)).rejects.toMatchObject({
      sent: false,
      message: expect.stringContaining('ONHAND_CA'),
    });
    expect(requests).toBe(0);
    const trusting = undiciTransport({ allowPrivateHosts: ['localhost'], ca: readFileSync(cert, 'utf8') });
    expect(text(await trusting(get(url), time))).toBe('secure');
    const wrongName = url.replace('localhost', '127.0.0.1');
    const strict = undiciTransport({ allowPrivateHosts: ['127.0.0.1'], ca: readFileSync(cert, 'utf8') });
    await expect(strict(get(wrongName), time)).rejects.toMatchObject({ sent: false });
    expect(requests).toBe(1);
  });
});
