import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openBench } from './testing/bench.ts';
import { decode, verify } from './webhook.ts';

const plugin = fileURLToPath(new URL('./extension/onhand-stock-events.php', import.meta.url));
const PHP = process.env['PHP'] ?? 'php';
const php = (...args: string[]) => spawnSync(PHP, args, { encoding: 'utf8' });
const hasPhp = php('-v').status === 0;

describe.skipIf(!hasPhp)('the WordPress plugin (skipped where php is not installed)', () => {
  it('is PHP without errors', () => {
    const lint = php('-l', plugin);
    expect(lint.stdout + lint.stderr).toMatch(/No syntax errors/);
  });

  it('signs so that we accept it, and tells an order number only', () => {
    const script = `require ${JSON.stringify(plugin)}; echo json_encode(onhand_request(727, 'whsec-tést', 'https://shop.example/'));`;
    const made = JSON.parse(php('-r', script).stdout) as { body: string; headers: Record<string, string> };
    expect(JSON.parse(made.body)).toEqual({ action: 'onhand_order_changed', arg: 727 });
    const headers = Object.fromEntries(
      Object.entries(made.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const delivery = { method: 'POST', path: '/', headers, body: Buffer.from(made.body), receivedAt: '' };
    const { config } = openBench({}, { webhookSecret: 'whsec-tést' });
    const verdict = verify(delivery, config);
    expect(verdict).toEqual({ verdict: 'ok', topic: 'action.onhand_order_changed' });
    expect(decode(delivery, 'action.onhand_order_changed', config)).toEqual([
      { kind: 'document-changed', account: config.account, doc: 'order:727' },
    ]);
    expect(verify(delivery, { ...config, webhookSecret: 'another one' })).toMatchObject({ why: 'bad-signature' });
  });

  /** WordPress's part, as small as it can be: actions that are kept and run, posts that are kept. */
  it('one request that touches an order five times sends one event, at its end, without waiting', () => {
    const script = `
      define('ABSPATH', '/'); define('ONHAND_HOOK_URL', 'https://onhand.test/hooks/1'); define('ONHAND_HOOK_SECRET', 's');
      $GLOBALS['acts'] = []; $GLOBALS['sent'] = [];
      function add_action($name, $call, $prio = 10, $args = 1) { $GLOBALS['acts'][$name][] = [$call, $args]; }
      function run($name, ...$given) { foreach ($GLOBALS['acts'][$name] ?? [] as [$call, $n]) $call(...array_slice($given, 0, $n)); }
      function home_url($path) { return 'https://shop.example' . $path; }
      function get_post_type($id) { return $id === 9 ? 'page' : 'shop_order'; }
      function wp_remote_post($url, $args) { $GLOBALS['sent'][] = [$url, $args]; }
      class Order { function get_id() { return 727; } }
      require ${JSON.stringify(plugin)};
      run('woocommerce_reduce_order_stock', new Order());
      run('woocommerce_order_status_changed', 727, 'pending', 'processing');
      run('woocommerce_restock_refunded_item', 140, 1, 2, new Order());
      run('woocommerce_order_refunded', 727, 728);
      run('before_delete_post', 9);
      run('before_delete_post', 730);
      $before = count($GLOBALS['sent']);
      run('shutdown');
      echo json_encode(['before' => $before, 'sent' => $GLOBALS['sent']]);`;
    const ran = php('-r', script);
    expect(ran.stderr).toBe('');
    const { before, sent } = JSON.parse(ran.stdout) as {
      before: number;
      sent: [string, { body: string; blocking: boolean; redirection: number }][];
    };
    expect(before).toBe(0);
    expect(sent.map(([, { body }]) => JSON.parse(body).arg)).toEqual([727, 730]);
    const slow = JSON.parse(
      php('-r', script.replace("$GLOBALS['sent'][] = [$url, $args];", "$GLOBALS['sent'][] = [$url, $args]; sleep(6);"))
        .stdout,
    ) as { sent: unknown[] };
    expect(slow.sent, 'an Onhand that cannot be reached holds nobody up').toHaveLength(1);
    for (const [url, args] of sent)
      expect([url, args.blocking, args.redirection]).toEqual(['https://onhand.test/hooks/1', false, 0]);
  });
});
