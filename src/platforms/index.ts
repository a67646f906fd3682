import type { AnyPlatform } from '../platform/contract.ts';
import { amazon } from './amazon/index.ts';
import { shopify } from './shopify/index.ts';
import { woocommerce } from './woocommerce/index.ts';

/** Every platform Onhand can connect: a new one is its folder and its line here. */
export const platforms: AnyPlatform[] = [shopify, woocommerce, amazon];
