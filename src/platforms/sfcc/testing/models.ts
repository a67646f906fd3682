import type { SfccConfig } from '../config.ts';
import { sfcc } from '../index.ts';
import { sfccSandbox } from '../sandbox.ts';

/** The platform with a stand-in that keeps its stock in one of the two ways. */
export const withStock = (stock: SfccConfig['stock']): typeof sfcc => ({
  ...sfcc,
  sandbox: (options) => sfccSandbox(options, stock),
});
