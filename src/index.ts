export { Engine, type EngineOptions } from './engine/engine.ts';
export { everyPlatform, platforms } from './platforms/index.ts';
export { migrate } from './store/migrate.ts';
export { openDatabase } from './store/open-database.ts';
