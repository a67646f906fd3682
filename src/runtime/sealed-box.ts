import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readKeyFile, type SealedKey } from './key-file.ts';

/** Why a sealed value does not open. Nothing is ever returned half opened. */
export class SealedBoxError extends Error {
  constructor(
    readonly code: 'KEY_UNKNOWN' | 'SEAL_BROKEN' | 'KEY_FILE_WRONG',
    message: string,
  ) {
    super(message);
    this.name = 'SealedBoxError';
  }
}

/** Encrypts what must not be read from a stolen store or backup: the settings of channels, with their secrets. */
export interface SealedBox {
  /**
   * @param belongsTo whose it is ("shopify:my-shop"): sealed in, so that one account's settings put in another's row do
   * not open there.
   */
  seal(value: unknown, belongsTo: string): Buffer;
  /** @throws SealedBoxError */
  open(sealed: Uint8Array, belongsTo: string): unknown;
}

const VERSION = 1;
const ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + ID_BYTES + NONCE_BYTES;

/**
 * AES-256-GCM with the keys of a file, which is created (mode 0600) when it is not there. The first key in the file seals,
 * all of them open: to change keys, put a new line first and keep the old ones until everything was sealed again.
 * Layout: version 1 · key id 4 · nonce 12 · ciphertext · tag 16. Nonces are random: good for 2^32 seals per key.
 */
export function openSealedBox(keyFile: string): SealedBox {
  const keys = readKeyFile(keyFile, (message) => new SealedBoxError('KEY_FILE_WRONG', message));
  const current = keys[0]!;
  return {
    seal(value, belongsTo) {
      const head = Buffer.concat([Buffer.from([VERSION]), current.id, randomBytes(NONCE_BYTES)]);
      const cipher = createCipheriv('aes-256-gcm', current.bytes, head.subarray(1 + ID_BYTES));
      cipher.setAAD(associated(head, belongsTo));
      const text = Buffer.from(JSON.stringify(value), 'utf8');
      return Buffer.concat([head, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, belongsTo) {
      const bytes = Buffer.from(sealed);
      if (bytes.length < HEAD_BYTES + TAG_BYTES || bytes[0] !== VERSION) throw broken(belongsTo);
      const id = bytes.subarray(1, 1 + ID_BYTES);
      const key = keys.find((one: SealedKey) => one.id.equals(id));
      if (!key)
        throw new SealedBoxError(
          'KEY_UNKNOWN',
          `The settings of ${belongsTo} were sealed with the key ${id.toString('hex')}, which is not in ${keyFile}. Put that key file back.`,
        );
      const head = bytes.subarray(0, HEAD_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key.bytes, head.subarray(1 + ID_BYTES));
      decipher.setAAD(associated(head, belongsTo));
      decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
      try {
        const text = Buffer.concat([
          decipher.update(bytes.subarray(HEAD_BYTES, bytes.length - TAG_BYTES)),
          decipher.final(),
        ]);
        return JSON.parse(text.toString('utf8'));
      } catch {
        throw broken(belongsTo);
      }
    },
  };
}

/** Head and owner; hashed, so that neither can grow into the other. */
function associated(head: Buffer, belongsTo: string): Buffer {
  return createHash('sha256').update(head).update(belongsTo, 'utf8').digest();
}

function broken(belongsTo: string): SealedBoxError {
  return new SealedBoxError(
    'SEAL_BROKEN',
    `The stored settings of ${belongsTo} were changed or belong to another account. Enter them again.`,
  );
}
