import { randomBytes } from 'node:crypto';

/** An unguessable name: 24 bytes of the machine's own randomness, 32 characters that fit an address. */
export const secretToken = (): string => randomBytes(24).toString('base64url');
