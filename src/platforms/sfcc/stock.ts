import type { Platform } from '../../platform/contract.ts';
import { allocate } from './allocate.ts';
import type { SfccConfig } from './config.ts';
import type { SfccOp } from './facts.ts';
import * as lists from './lists.ts';
import * as omnichannel from './omnichannel.ts';

/** A realm keeps its stock in inventory lists or in Omnichannel Inventory, never in both. */
type Stock = Pick<Platform<SfccConfig, SfccOp>, 'listLocations' | 'listLevels' | 'readLevels' | 'pushLevels'>;

const models: Record<SfccConfig['stock'], Stock> = {
  'inventory-lists': {
    listLocations: lists.listLocations,
    listLevels: lists.listLevels,
    readLevels: lists.readLevels,
    pushLevels: allocate,
  },
  omnichannel: {
    listLocations: omnichannel.listLocations,
    listLevels: omnichannel.listLevels,
    readLevels: omnichannel.readLevels,
    pushLevels: omnichannel.pushLevels,
  },
};

export const stockOf = (config: SfccConfig): Stock => models[config.stock];
