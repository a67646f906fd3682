/**
 * Onhand from a program: the engine, its store, its entrances and the world of stand-ins, without the command line.
 * Connectors of one's own are written against `onhand/platform` and tried with `onhand/platform/testing`.
 *
 *     const db = await openDatabase({ folder: './store', clock: realClock, onFatal: () => process.exit(70) });
 *     await migrate(db);
 *     const engine = new Engine({ db, platforms: everyPlatform, box: openSealedBox('./encryption.key'), … });
 *     await engine.start();
 *     const api = await apiServer(engine, '1.0.0');
 */

/** Connects a channel in mode `watch`; what it would write first is {@link firstWrites}; going live is {@link setChannelMode}. */
export { addChannel, type NewChannel } from './engine/connect.ts';
export type { Account, Channel, EngineEvent, Log } from './engine/context.ts';
/** Everything that runs: the inbox, one lane per account, the watchdog. Several processes may run one each over one store. */
export { Engine, type EngineOptions } from './engine/engine.ts';
export { type FirstWrites, firstWrites } from './engine/first-writes.ts';
export { setChannelMode } from './engine/modes.ts';
/** Reads every number of an account, explains what differs, repairs by the channel's rule. */
export { type ReconcileReport, reconcile } from './engine/reconcile.ts';
/** What people do to stock by hand; every change is a movement with a name behind it. */
export { addHold, adjust, count, endHold, openStock, receive, type StockChange, transfer } from './engine/stock.ts';
/** What was asked cannot be done as asked: `code` is stable, `next` says what to do. */
export { UserError } from './engine/user-error.ts';
/** Why every channel shows what it shows for an item, and what happened to it. */
export { type Why, why } from './engine/why.ts';
/** REST, event stream, health and pages as a fastify server; `listen` is the caller's. */
export { apiServer } from './http/api.ts';
/** The webhook entrance as a fastify server of its own: the only one that should be reachable from outside. */
export { hookServer } from './http/hooks.ts';
/** Makes an API key; it is handed out once and stored as a hash. */
export { createApiKey, SCOPES, type Scope } from './http/keys.ts';
/** The vendors' platforms; `everyPlatform` also has the one for systems of one's own. */
export { everyPlatform, platforms } from './platforms/index.ts';
/** The machine's clock; a simulation hands the engine another. */
export { type Clock, realClock } from './runtime/clock.ts';
/** A structured log on standard error, with secrets redacted. */
export { createLog } from './runtime/log.ts';
/** Seals the channels' credentials with a key file, which is made where there is none. */
export { openSealedBox, type SealedBox } from './runtime/sealed-box.ts';
/** An unguessable name for an address. */
export { secretToken } from './runtime/secret-token.ts';
/** The only way out: HTTP that refuses private addresses the operator has not named. */
export { undiciTransport } from './runtime/transport.ts';
/** Stand-ins of platforms, people who buy, a line that fails: a whole world for tests. */
export { createWorld, type Faults, type World, type WorldItem } from './sandbox/index.ts';
export type { Database } from './store/database.ts';
/** Brings the schema up to date; safe when many processes start at once. */
export { migrate } from './store/migrate.ts';
/** Opens a store: a folder, a PostgreSQL server, or memory for tests. */
export { openDatabase, type StoreOptions } from './store/open-database.ts';
/** What went wrong in the store; the class picks the next move. */
export { StoreError, type StoreErrorCode } from './store/store-error.ts';
