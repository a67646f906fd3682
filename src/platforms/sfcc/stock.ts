import type { Platform } from '../../platform/contract.ts';
import { allocate } from './allocate.ts';
import type { SfccConfig } from './config.ts';
import type { SfccOp } from './facts.ts';
import { listLevels, listLocations, readLevels } from './lists.ts';

/** A realm keeps its stock in inventory lists or in Omnichannel Inventory, never in both. */
type Stock = Pick<Platform<SfccConfig, SfccOp>, 'listLocations' | 'listLevels' | 'readLevels' | 'pushLevels'>;

const models: Record<SfccConfig['stock'], Stock> = {
  'inventory-lists': { listLocations, listLevels, readLevels, pushLevels: allocate },
  omnichannel: { listLocations, listLevels, readLevels, pushLevels: allocate },
};

export const stockOf = (config: SfccConfig): Stock => models[config.stock];
