import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpRequest, type HttpResponse, STAND_IN_HEADER, TransportError } from '../platform/http.ts';

const BODY_BYTES_MAX = 32 * 1024 * 1024;

/**
 * Puts a sandbox (or anything with `handle`) on a loopback port, for vendor SDKs and the demo.
 * Clients that were redirected here may say the host they meant in `x-original-host`: it is handed on.
 * A {@link TransportError} thrown by `handle` cuts the connection, as a broken network would.
 */
export async function listen(
  target: { handle: (request: HttpRequest) => Promise<HttpResponse> },
  port = 0,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    void answer(target, incoming, outgoing).catch((error: unknown) => {
      if (error instanceof TransportError || outgoing.headersSent) return outgoing.destroy();
      outgoing.writeHead(500, { 'content-type': 'text/plain' });
      outgoing.end(`the stand-in failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    });
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  target: { handle: (request: HttpRequest) => Promise<HttpResponse> },
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) {
      outgoing.writeHead(413, { connection: 'close' });
      outgoing.end();
      return;
    }
    chunks.push(chunk);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  const response = await target.handle({
    method: incoming.method as HttpRequest['method'],
    url: `http://${headers['host'] ?? '127.0.0.1'}${incoming.url ?? '/'}`,
    headers,
    body: bytes === 0 ? undefined : Buffer.concat(chunks),
  });
  const body = Buffer.from(response.body);
  outgoing.writeHead(response.status, {
    ...response.headers,
    [STAND_IN_HEADER]: '1',
    'content-length': String(body.length),
  });
  outgoing.end(incoming.method === 'HEAD' ? undefined : body);
}
