import type { Platform } from '../../platform/contract.ts';
import type { DynamicsConfig } from './config.ts';
import type { DynamicsOp } from './facts.ts';

/** What one of the products does in its own way; tokens, failures and limits are the same for all. */
export type Flavour = Pick<
  Platform<DynamicsConfig, DynamicsOp>,
  | 'verify'
  | 'decode'
  | 'check'
  | 'listLocations'
  | 'listListings'
  | 'listLevels'
  | 'readLevels'
  | 'poll'
  | 'fetchDocument'
  | 'pushLevels'
> &
  Required<Pick<Platform<DynamicsConfig, DynamicsOp>, 'subscribe' | 'unsubscribe' | 'checkSubscription'>>;
