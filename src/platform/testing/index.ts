/** For authors of platforms: the contract as tests (needs vitest), and a clock that makes an hour of vendor delays take no time. */
export { Bench, type BenchOptions, PLACES } from './bench.ts';
export type { Cases } from './rules.ts';
export { contractSuite } from './suite.ts';
export { type VirtualClock, virtualClock } from './virtual-clock.ts';
