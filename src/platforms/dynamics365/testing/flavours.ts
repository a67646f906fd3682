import type { FlavourName } from '../config.ts';
import { dynamics365 } from '../index.ts';
import { dynamicsSandbox } from '../sandbox.ts';

/** The platform with the stand-in of one of its products. */
export const flavoured = (flavour: FlavourName): typeof dynamics365 => ({
  ...dynamics365,
  sandbox: (options) => dynamicsSandbox(options, flavour),
});
