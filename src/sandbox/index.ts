/** The world outside: stand-ins of the platforms, people who buy, a line that fails. For demo, simulation and tests. */
export { makeCatalogue, seedFor, type WorldItem } from './catalogue.ts';
export { listen } from './listen.ts';
export type { Faults, NetworkCounts } from './network.ts';
export { type ShopFront, Shoppers } from './shoppers.ts';
export { readTrace, type TraceEvent } from './trace.ts';
export { TraceReplay, traceCatalogue } from './trace-replay.ts';
export { ledgerErrorUnits, toldErrorUnits } from './truth.ts';
export { createWorld, type World, type WorldChannel, type WorldOptions } from './world.ts';
