import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openSealedBox } from './sealed-box.ts';

const folder = mkdtempSync(join(tmpdir(), 'onhand-box-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const file = () => join(folder, `${++files}`, 'encryption.key');

describe('sealed', () => {
  it('[I10] gives back what went in, to its owner alone, and shows nothing of it', () => {
    const box = openSealedBox(file());
    const value = fc.record({ account: fc.string(), token: fc.stringMatching(/^[a-zA-Z0-9]{12,40}$/) });
    fc.assert(
      fc.property(value, fc.string(), fc.string(), (config, owner, other) => {
        const sealed = box.seal(config, owner);
        expect(box.open(Uint8Array.from(sealed), owner)).toEqual(config);
        expect(sealed.includes(config.token)).toBe(false);
        expect(box.seal(config, owner).equals(sealed)).toBe(false);
        if (other !== owner) expect(() => box.open(sealed, other)).toThrow(/another account/);
      }),
    );
  });

  it('does not open when one bit was changed, anywhere', () => {
    const box = openSealedBox(file());
    const sealed = box.seal({ token: 'x' }, 'shopify:shop');
    for (let at = 0; at < sealed.length * 8; at++) {
      const changed = Buffer.from(sealed);
      changed[at >> 3]! ^= 1 << (at & 7);
      expect(() => box.open(changed, 'shopify:shop')).toThrow(expect.objectContaining({ name: 'SealedBoxError' }));
    }
    for (let length = 0; length < sealed.length; length++)
      expect(() => box.open(sealed.subarray(0, length), 'shopify:shop')).toThrow();
  });
});

describe('the key file', () => {
  it.skipIf(process.platform === 'win32')('is made for its owner alone, and refused when others may read it', () => {
    const path = file();
    const sealed = openSealedBox(path).seal(1, 'a');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['encryption.key']);
    expect(openSealedBox(path).open(sealed, 'a')).toBe(1);
    chmodSync(path, 0o640);
    expect(() => openSealedBox(path)).toThrow(`chmod 600 ${path}`);
  });

  it('lets keys be changed: the first seals, all of them open', () => {
    const path = file();
    const old = openSealedBox(path).seal('old', 'a');
    const key = readFileSync(path, 'utf8');
    writeFileSync(path, `# changed today\n${Buffer.alloc(32, 7).toString('base64')}\n\n${key}`);
    const both = openSealedBox(path);
    const fresh = both.seal('new', 'a');
    expect([both.open(old, 'a'), both.open(fresh, 'a')]).toEqual(['old', 'new']);
    writeFileSync(path, key);
    expect(() => openSealedBox(path).open(fresh, 'a')).toThrow(expect.objectContaining({ code: 'KEY_UNKNOWN' }));
  });

  it('that holds no key is refused, not replaced: the old one may be in a backup', () => {
    for (const text of ['', '\n# only words\n', 'c2hvcnQ=\n']) {
      const path = file();
      openSealedBox(path);
      writeFileSync(path, text);
      expect(() => openSealedBox(path)).toThrow(expect.objectContaining({ code: 'KEY_FILE_WRONG' }));
      expect(readFileSync(path, 'utf8')).toBe(text);
    }
  });

  it('is one key, however many processes start at once', async () => {
    const path = file();
    const script = `import { openSealedBox } from ${JSON.stringify(new URL('./sealed-box.ts', import.meta.url).href)};
      process.stdout.write(openSealedBox(${JSON.stringify(path)}).seal(1, 'a').toString('base64'));`;
    const tsx = new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url).pathname;
    const start = () =>
      new Promise<string>((resolve, reject) => {
        execFile(process.execPath, [tsx, '--input-type=module', '-e', script], (error, out) =>
          error ? reject(error) : resolve(out),
        );
      });
    const sealed = await Promise.all([start(), start(), start()]);
    const box = openSealedBox(path);
    for (const one of sealed) expect(box.open(Buffer.from(one, 'base64'), 'a')).toBe(1);
  });
});
