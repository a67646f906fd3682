import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';

const unpack = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate) };

/** An answer larger than any we ask for: memory must not depend on what others send. */
export class TooLarge extends Error {
  constructor(bytesMax: number) {
    super(`the answer is larger than ${bytesMax} bytes`);
  }
}

/** Collects a body, packed or not, up to a size. */
export function bodyReader(bytesMax: number) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    /** @throws TooLarge */
    add(chunk: Buffer): void {
      bytes += chunk.length;
      if (bytes > bytesMax) throw new TooLarge(bytesMax);
      chunks.push(chunk);
    },
    /** Unpacked as the header says. @throws TooLarge, and Error when it is not what the header says. */
    async whole(encoding: string | undefined): Promise<{ bytes: Uint8Array; unpacked: boolean }> {
      const packed = Buffer.concat(chunks);
      const how = encoding?.trim().toLowerCase() as keyof typeof unpack | undefined;
      if (packed.length === 0 || how === undefined || !Object.hasOwn(unpack, how))
        return { bytes: packed, unpacked: false };
      try {
        return { bytes: await unpack[how](packed, { maxOutputLength: bytesMax }), unpacked: true };
      } catch (error) {
        throw (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? new TooLarge(bytesMax) : error;
      }
    },
  };
}
