import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Engine } from '../engine/engine.ts';
import { storeCounts } from '../store/overview.ts';

const READY_INBOX_MAX = 10_000;

/** For load balancers and monitoring: numbers only, no secrets, no names of goods. */
export async function healthRoutes(server: FastifyInstance, { engine }: { engine: Engine }): Promise<void> {
  const { context, registry } = engine;
  const metrics = new Registry();
  const pushes = new Counter({
    name: 'onhand_pushes_total',
    help: 'Writes by result.',
    labelNames: ['platform', 'result'],
    registers: [metrics],
  });
  const documents = new Counter({
    name: 'onhand_documents_posted_total',
    help: 'Document states posted.',
    labelNames: ['platform'],
    registers: [metrics],
  });
  const visible = new Histogram({
    name: 'onhand_heard_to_visible_seconds',
    help: 'From hearing of a change to its confirmed write on another channel.',
    labelNames: ['platform'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300],
    registers: [metrics],
  });
  const waiting = new Gauge({
    name: 'onhand_waiting',
    help: 'Things waiting, by kind.',
    labelNames: ['kind'],
    registers: [metrics],
  });
  const healthy = new Gauge({
    name: 'onhand_channel_healthy',
    help: '1 when a channel works.',
    labelNames: ['channel', 'mode'],
    registers: [metrics],
  });
  const off = engine.on((event) => {
    const platform = 'accountId' in event ? (registry.byId(event.accountId)?.platform.facts.id ?? '?') : '?';
    if (event.kind === 'posted') documents.inc({ platform });
    if (event.kind === 'pushed') {
      pushes.inc({ platform, result: event.result });
      if (event.heardAt && event.result === 'applied')
        visible.observe({ platform }, (Date.parse(event.at) - Date.parse(event.heardAt)) / 1000);
    }
  });
  server.addHook('onClose', async () => off());

  server.get('/healthz', { schema: { summary: 'It runs', security: [] } }, async () => ({ ok: true }));
  server.get(
    '/readyz',
    { schema: { summary: 'The store answers, and the inbox is not behind', security: [] } },
    async (_request, reply) => {
      const counts = await storeCounts(context.db);
      const ready = counts.inbox < READY_INBOX_MAX;
      return reply.code(ready ? 200 : 503).send({ ready, inbox: counts.inbox });
    },
  );
  server.get('/metrics', { schema: { summary: 'Numbers for Prometheus', security: [] } }, async (_request, reply) => {
    const counts = await storeCounts(context.db);
    for (const [kind, value] of Object.entries(counts)) waiting.set({ kind }, value);
    healthy.reset();
    for (const account of registry.all())
      for (const channel of account.channels) {
        const lane = engine.lane(account.row.id)?.health();
        healthy.set(
          { channel: channel.name, mode: channel.mode },
          account.row.stoppedReason === null && lane?.failing === null ? 1 : 0,
        );
      }
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
}
