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
  server.get('/v1/events', { preHandler: needs(context.db, 'read') }, (request, reply) => {
    reply.hijack();
    const stream = reply.raw;
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
      off();
      stopAlive();
    });
  });
}
