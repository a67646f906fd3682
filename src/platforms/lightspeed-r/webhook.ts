import type { Signal, Verdict } from '../../platform/contract.ts';
import { refused } from '../../platform/signature.ts';

/** Lightspeed R-Series has no webhooks: whatever comes is from somebody else. */
export const verify = (): Verdict =>
  refused(
    'malformed',
    'Lightspeed Retail (R-Series) sends no webhooks; its sales are polled. Remove this address wherever it was entered.',
  );

export const decode = (): Signal[] => [];
