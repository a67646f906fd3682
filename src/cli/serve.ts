import { Command } from 'commander';
import { Engine } from '../engine/engine.ts';
import { apiServer } from '../http/api.ts';
import { hookServer } from '../http/hooks.ts';
import { everyPlatform } from '../platforms/index.ts';
import { realClock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';
import { secretToken } from '../runtime/secret-token.ts';
import { readSettings } from '../runtime/settings.ts';
import { undiciTransport } from '../runtime/transport.ts';
import { openStore } from './open-store.ts';
import { isTrial } from './trial.ts';
import { VERSION } from './version.ts';

/** serve: the engine, the webhook entrance, the API and the pages, until a signal ends it. */
export function serveCommand(): Command {
  return new Command('serve').description('Runs Onhand.').action(async () => {
    const settings = readSettings();
    const log = createLog(settings.logLevel);
    const store = await openStore(settings);
    const engine = new Engine({
      db: store.db,
      platforms: everyPlatform,
      box: store.box,
      clock: realClock,
      random: Math.random,
      transport: undiciTransport({ allowPrivateHosts: settings.allowPrivateHosts, ca: settings.ca }),
      log,
      publicUrl: settings.publicUrl,
      heartbeatUrl: settings.heartbeatUrl,
      secretToken,
      refuseStandIns: !isTrial(settings.home),
    });
    await engine.start();
    const hooks = hookServer(engine);
    const api = await apiServer(engine, VERSION);
    const hooksAt = await hooks.listen({ host: settings.host, port: settings.hooksPort });
    const apiAt = await api.listen({ host: settings.host, port: settings.port });
    console.log(JSON.stringify({ ready: true, api: apiAt, hooks: hooksAt, store: store.where }));
    if (!settings.publicUrl)
      console.error('No ONHAND_PUBLIC_URL: every platform is polled; sales are heard as late as it is polled.');
    let ending = false;
    const end = async () => {
      if (ending) return;
      ending = true;
      await Promise.all([hooks.close(), api.close()]);
      await engine.stop();
      await store.db.close();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end());
  });
}
