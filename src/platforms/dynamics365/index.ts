import { definePlatform } from '../../platform/contract.ts';
import { businessCentral } from './business-central/index.ts';
import { type DynamicsConfig, dynamicsConfig, type FlavourName } from './config.ts';
import { dataverse } from './dataverse/index.ts';
import { facts } from './facts.ts';
import { classify } from './failures.ts';
import type { Flavour } from './flavour.ts';
import { dynamicsSandbox } from './sandbox.ts';
import { supplyChain } from './supply-chain/index.ts';
import { authorize, expiresAt, renew } from './token.ts';

const flavours: Record<FlavourName, Flavour> = {
  'business-central': businessCentral,
  dataverse,
  'supply-chain': supplyChain,
};

const of = ({ flavour }: DynamicsConfig): Flavour => flavours[flavour];

/** Microsoft Dynamics 365: Business Central, Dataverse (Sales) or Supply Chain Management, as the settings say. */
export const dynamics365 = definePlatform({
  facts,
  config: dynamicsConfig,
  authorize,
  classify,
  expiresAt,
  renew,
  verify: (delivery, config, now) => of(config).verify(delivery, config, now),
  decode: (delivery, topic, config) => of(config).decode(delivery, topic, config),
  check: (client, config) => of(config).check(client, config),
  listLocations: (client, config) => of(config).listLocations(client, config),
  listListings: (client, config, cursor) => of(config).listListings(client, config, cursor),
  listLevels: (client, config, cursor) => of(config).listLevels(client, config, cursor),
  readLevels: (client, config, cells) => of(config).readLevels(client, config, cells),
  poll: (client, config, feed, cursor, since) => of(config).poll(client, config, feed, cursor, since),
  fetchDocument: (client, config, doc) => of(config).fetchDocument(client, config, doc),
  pushLevels: (client, config, targets) => of(config).pushLevels(client, config, targets),
  subscribe: (client, config, hookUrl) => of(config).subscribe(client, config, hookUrl),
  unsubscribe: (client, config, hookUrl) => of(config).unsubscribe(client, config, hookUrl),
  checkSubscription: (client, config, hookUrl) => of(config).checkSubscription(client, config, hookUrl),
  sandbox: (options) => dynamicsSandbox(options),
});
