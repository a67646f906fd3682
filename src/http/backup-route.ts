import type { FastifyInstance } from 'fastify';
import { iso } from '../engine/context.ts';
import type { Engine } from '../engine/engine.ts';
import { backupStream } from '../store/backup.ts';
import { needs } from './keys.ts';

/** The whole store as one packed file, while everything goes on. */
export async function backupRoute(server: FastifyInstance, { engine }: { engine: Engine }): Promise<void> {
  const { context } = engine;
  server.get(
    '/v1/backup',
    {
      onRequest: needs(context.db, 'operate'),
      schema: { summary: 'A logical backup of the whole store (gzip); channels\u2019 credentials in it stay sealed' },
    },
    (_request, reply) => {
      const at = iso(context.clock.now());
      return reply
        .header('content-type', 'application/gzip')
        .header('content-disposition', `attachment; filename="onhand-${at.replace(/[:.]/g, '-')}.ndjson.gz"`)
        .send(backupStream(context.db, at));
    },
  );
}
