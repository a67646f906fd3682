import type { AnyPlatform } from '../platform/contract.ts';
import { amazon } from './amazon/index.ts';
import { bigcommerce } from './bigcommerce/index.ts';
import { custom } from './custom/index.ts';
import { quickbooksOnline } from './quickbooks-online/index.ts';
import { shopify } from './shopify/index.ts';
import { square } from './square/index.ts';
import { woocommerce } from './woocommerce/index.ts';

/** Every platform Onhand can connect: a new one is its folder and its line here. */
export const platforms: AnyPlatform[] = [shopify, woocommerce, square, amazon, bigcommerce, quickbooksOnline];

/** All that can be connected: the vendors', and systems of one's own that are on no list (they have no vendor to stand in for). */
export const everyPlatform: AnyPlatform[] = [...platforms, custom];
