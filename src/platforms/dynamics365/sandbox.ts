import type { SandboxOptions } from '../../platform/sandbox.ts';
import type { FlavourName } from './config.ts';
import { centralSandbox, type DynamicsSandbox } from './sandbox/business-central.ts';
import { dataverseSandbox } from './sandbox/dataverse.ts';
import { supplyChainSandbox } from './sandbox/supply-chain.ts';

/** One of the three products; Business Central where nobody says which. */
export function dynamicsSandbox(options: SandboxOptions, flavour: FlavourName = 'business-central'): DynamicsSandbox {
  if (flavour === 'dataverse') return dataverseSandbox(options);
  if (flavour === 'supply-chain') return supplyChainSandbox(options);
  return centralSandbox(options);
}
