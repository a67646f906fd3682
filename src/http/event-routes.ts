import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { EngineEvent } from '../engine/context.ts';
import type { Engine } from '../engine/engine.ts';
import { needs } from './keys.ts';

/** A connection that reads slower than this many events are produced is dropped; the page connects again and reloads. */
const BACKLOG_MAX_BYTES = 1_000_000;
const ALIVE_EVERY_MS = 15_000;

/** Server-sent events: what was posted and pushed, as it happens. Best effort; the store is the truth. */
export async function eventRoutes(server: FastifyInstance, { engine }: { engine: Engine }): Promise<void> {
  const { context } = engine;
  // A stream never ends by itself: without this a page that is open would keep the server from closing.
  const streams = new Set<ServerResponse>();
  server.addHook('preClose', async () => {
    for (const stream of streams) stream.destroy();
  });
  server.get(
    '/v1/events',
    {
      onRequest: needs(context.db, 'read'),
      schema: { summary: 'Server-sent events: what is posted and pushed, as it happens' },
    },
    (request, reply) => {
      reply.hijack();
      const stream = reply.raw;
      streams.add(stream);
      stream.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        connection: 'keep-alive',
        'x-accel-buffering': 'no',
      });
      stream.write(': connected\n\n');
      const send = (event: EngineEvent) => {
        if (stream.writableLength > BACKLOG_MAX_BYTES) return void stream.destroy();
        stream.write(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
      };
      const off = engine.on(send);
      let stopAlive = () => {};
      const alive = () => {
        stream.write(': alive\n\n');
        stopAlive = context.clock.after(ALIVE_EVERY_MS, alive);
      };
      stopAlive = context.clock.after(ALIVE_EVERY_MS, alive);
      request.raw.on('close', () => {
        streams.delete(stream);
        off();
        stopAlive();
      });
    },
  );
}
