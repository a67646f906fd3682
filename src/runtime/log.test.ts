import { expect, it } from 'vitest';
import { createLog, type LogOptions } from './log.ts';

function lines(write: (log: ReturnType<typeof createLog>) => void, level: LogOptions['level'] = 'info') {
  const written: string[] = [];
  write(createLog({ level, to: { write: (line) => void written.push(line) } }));
  return written.map((line) => JSON.parse(line));
}

it('[I10] writes no value whose name says that it is secret, however deep', () => {
  const [line] = lines((log) =>
    log.info(
      {
        account: 'shop',
        config: { token: 'S1' },
        request: { headers: { authorization: 'Bearer S2', accept: 'json', 'x-shopify-access-token': 'S3' } },
        list: [{ webhookSecret: 'S4', password: '' }],
        err: Object.assign(new Error('no', { cause: { apiKey: 'S5' } }), { config: { headers: 'S6' }, code: 'ENO' }),
        body: Buffer.from('S7'),
        key: 'S8',
        missing: null,
        big: 12345678901234567890n,
      },
      'it happened',
    ),
  );
  expect(JSON.stringify(line)).not.toMatch(/S\d/);
  expect(line).toMatchObject({
    level: 'info',
    msg: 'it happened',
    account: 'shop',
    config: '[secret]',
    request: { headers: { accept: 'json' } },
    err: { type: 'Error', message: 'no', code: 'ENO' },
    body: '[2 bytes]',
    missing: null,
    big: '12345678901234567890',
  });
  expect(line.err.stack).toContain('log.test.ts');
});

it('an error given alone is one line too', () => {
  const [line] = lines((log) => log.error(Object.assign(new Error('broken'), { request: { cookie: 'S1' } }), 'said'));
  expect(line).toMatchObject({ level: 'error', msg: 'said', err: { message: 'broken' } });
  expect(JSON.stringify(line)).not.toContain('S1');
});

it('cuts what never ends, and goes round no circle', () => {
  const circle: Record<string, unknown> = { text: 'x'.repeat(100_000), many: Array.from({ length: 1000 }, () => 1) };
  circle['self'] = circle;
  const [line] = lines((log) => log.info(circle, 'round'));
  expect(JSON.stringify(line).length).toBeLessThan(30_000);
});

it('is silent below its level', () => {
  expect(lines((log) => log.info({}, 'quiet'), 'warn')).toEqual([]);
  expect(lines((log) => log.error({}, 'quiet'), 'silent')).toEqual([]);
});
