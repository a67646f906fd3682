/** The world outside: stand-ins of the platforms, people who buy, a line that fails. For demo, simulation and tests. */
export type { WorldItem } from './catalogue.ts';
export type { Faults } from './network.ts';
export { readTrace, type TraceEvent } from './trace.ts';
export { TraceReplay, traceCatalogue } from './trace-replay.ts';
export { createWorld, type World, type WorldChannel } from './world.ts';
