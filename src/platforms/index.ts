import type { AnyPlatform } from '../platform/contract.ts';
import { amazon } from './amazon/index.ts';
import { bigcommerce } from './bigcommerce/index.ts';
import { cin7 } from './cin7/index.ts';
import { clover } from './clover/index.ts';
import { custom } from './custom/index.ts';
import { dynamics365 } from './dynamics365/index.ts';
import { lightspeedR } from './lightspeed-r/index.ts';
import { lightspeedX } from './lightspeed-x/index.ts';
import { magento } from './magento/index.ts';
import { netsuite } from './netsuite/index.ts';
import { odoo } from './odoo/index.ts';
import { prestashop } from './prestashop/index.ts';
import { quickbooksOnline } from './quickbooks-online/index.ts';
import { sapB1 } from './sap-b1/index.ts';
import { sfcc } from './sfcc/index.ts';
import { shopify, shopifyPos } from './shopify/index.ts';
import { square } from './square/index.ts';
import { quickbooksCommerce, tradegecko } from './tradegecko/index.ts';
import { woocommerce } from './woocommerce/index.ts';
import { zoho } from './zoho/index.ts';

/** Every platform Onhand can connect: a new one is its folder and its line here. */
export const platforms: AnyPlatform[] = [
  shopify,
  shopifyPos,
  woocommerce,
  square,
  clover,
  lightspeedR,
  lightspeedX,
  magento,
  prestashop,
  bigcommerce,
  sapB1,
  netsuite,
  dynamics365,
  odoo,
  zoho,
  quickbooksCommerce,
  tradegecko,
  cin7,
  sfcc,
  amazon,
  quickbooksOnline,
];

/** Those the demo shows unless others are asked for: four that are as unlike each other as can be. */
export const demoPlatforms: AnyPlatform[] = [shopify, woocommerce, square, amazon];

/** All that can be connected: the vendors', and systems of one's own that are on no list (they have no vendor to stand in for). */
export const everyPlatform: AnyPlatform[] = [...platforms, custom];
