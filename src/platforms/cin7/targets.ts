import type { Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { facts } from './facts.ts';

/** What cannot be written at either product, told without asking. */
export function unwritable({ want, extra }: Target): Failure | undefined {
  const type = extra?.['type'];
  if (type !== undefined && type !== 'Stock' && type !== 'made')
    return new Failure(
      'rejected',
      'untracked-item',
      `Cin7 keeps no stock of it (${type}). Change its type in Cin7: Inventory > Products.`,
    );
  const { min, max, decimals } = facts.push;
  const fits = Math.abs(want * 10 ** decimals - Math.round(want * 10 ** decimals)) < 1e-6;
  if (!Number.isFinite(want) || want < min || want > max || !fits)
    return new Failure('rejected', 'impossible-quantity', `${want} is no level that can be written.`);
  return undefined;
}
