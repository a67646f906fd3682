import type { FastifyInstance } from 'fastify';
import type { Log } from '../../engine/context.ts';
import { Engine, type EngineOptions } from '../../engine/engine.ts';
import { apiServer } from '../../http/api.ts';
import { hookServer } from '../../http/hooks.ts';
import { VERSION } from '../version.ts';
import { type Life, mortalDatabase, mortalTransport } from './mortal.ts';

/** Engine, webhook entrance and API with the page: what `onhand serve` is one process of. Here it can die alone. */
export interface EngineProcess {
  engine: Engine;
  hooksAt: string;
  apiAt: string;
  /** As a process that is killed: no answer is awaited, nothing noted, no lease handed back. */
  die(): Promise<void>;
  stop(): Promise<void>;
}

/** Its servers listen; {@link Engine.start} is left to the caller, who may have something to do before. */
export async function engineProcess(
  options: Omit<EngineOptions, 'publicUrl'>,
  ports: { hooks: number; api: number },
  more: (server: FastifyInstance) => Promise<void>,
): Promise<EngineProcess> {
  const life: Life = { over: false };
  const engine = new Engine({
    ...options,
    db: mortalDatabase(options.db, life),
    transport: mortalTransport(options.transport, life),
    log: mortalLog(options.log, life),
    publicUrl: null,
  });
  const hooks = hookServer(engine);
  const hooksAt = await hooks.listen({ host: '127.0.0.1', port: ports.hooks });
  engine.options.publicUrl = hooksAt;
  const api = await apiServer(engine, VERSION, more);
  const apiAt = await api.listen({ host: '127.0.0.1', port: ports.api });
  const servers = [hooks, api];
  return {
    engine,
    hooksAt,
    apiAt,
    die: async () => {
      if (life.over) return;
      life.over = true;
      for (const { server } of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => server.close()));
      // Its loops end by themselves, each at the next thing it wants of store or network.
      void engine.stop().catch(() => {});
    },
    stop: async () => {
      if (life.over) return;
      await Promise.all(servers.map((server) => server.close()));
      await engine.stop();
    },
  };
}

const mortalLog = (log: Log, life: Life): Log => ({
  info: (fields, text) => life.over || log.info(fields, text),
  warn: (fields, text) => life.over || log.warn(fields, text),
  error: (fields, text) => life.over || log.error(fields, text),
});
