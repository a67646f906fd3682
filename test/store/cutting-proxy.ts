import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A wire between client and server that can be cut: at a given request, after it has reached the server. */
export async function cuttingProxy(serverUrl: string) {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let cutAfter: string | undefined;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    let isCut = false;
    client.on('data', (data) => {
      upstream.write(data);
      if (cutAfter === undefined || !data.includes(cutAfter)) return;
      cutAfter = undefined;
      isCut = true;
      // The server carries the request out; its answer finds nobody.
      upstream.once('data', () => upstream.destroy());
      client.destroy();
    });
    upstream.on('data', (data) => isCut || client.write(data));
    client.on('close', () => isCut || upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(serverUrl);
  url.port = String((server.address() as { port: number }).port);
  return {
    url: url.href,
    /** Cuts the connection that next sends `text`. */
    cutAt: (text: string) => {
      cutAfter = text;
    },
    cutAll: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
