import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openBench } from './testing/bench.ts';
import { decode, TOPIC, verify } from './webhook.ts';

const module = fileURLToPath(new URL('./extension/onhandevents/', import.meta.url));
const PHP = process.env['PHP'] ?? 'php';
const php = (...args: string[]) => spawnSync(PHP, args, { encoding: 'utf8' });
const hasPhp = php('-v').status === 0;

describe.skipIf(!hasPhp)('the PrestaShop module (skipped where php is not installed)', () => {
  it('is PHP without errors', () => {
    for (const file of ['onhandevents.php', 'message.php']) {
      const lint = php('-l', `${module}${file}`);
      expect(lint.stdout + lint.stderr, file).toMatch(/No syntax errors/);
    }
  });

  /** PrestaShop's part, as small as it can be: settings, hooks that are run, and messages that are kept instead of sent. */
  const run = (work: string) => {
    const ran = php(
      '-r',
      `define('_PS_VERSION_', '1.7.7.4');
       class Module { public $hooks = []; function __construct() {} function install() { return true; } function uninstall() { return true; }
         function registerHook($names) { $this->hooks = $names; return true; } }
       class Configuration { static $values = ['ONHAND_EVENTS_URL' => 'https://onhand.test/hooks/1', 'ONHAND_EVENTS_SECRET' => 'whsec-tést-0123456789'];
         static function get($name) { return self::$values[$name] ?? false; } static function deleteByName($name) { unset(self::$values[$name]); return true; } }
       require ${JSON.stringify(`${module}onhandevents.php`)};
       class Kept extends OnhandEvents { public $sent = []; public $end = [];
         protected function post($url, array $headers, $body) { $this->sent[] = [$url, $headers, $body]; }
         protected function atEnd($work) { $this->end[] = $work; } }
       $module = new Kept(); $module->install();
       $fire = function ($hook, $params) use ($module) { if (!in_array($hook, $module->hooks)) exit('not registered: ' . $hook); $module->{'hook' . ucfirst($hook)}($params); };
       $saved = function (array $data) { return (object) $data; };
       ${work}
       echo json_encode(['registered' => $module->hooks, 'callable' => array_map(function ($hook) use ($module) { return is_callable([$module, 'hook' . ucfirst($hook)]); }, $module->hooks), 'ends' => count($module->end), 'before' => $before ?? 0, 'sent' => $module->sent]);`,
    );
    expect(ran.stderr).toBe('');
    return JSON.parse(ran.stdout) as {
      callable: boolean[];
      ends: number;
      before: number;
      sent: [string, string[], string][];
    };
  };
  const end = 'foreach ($module->end as $end) $end();';

  it('signs so that we accept it: one message at the end of the request, each order once, and its stock not besides', () => {
    const { callable, ends, before, sent } = run(`
      $fire('actionObjectOrderAddAfter', ['object' => $saved(['id' => 501])]);
      $fire('actionObjectOrderDetailUpdateAfter', ['object' => $saved(['id' => 9, 'id_order' => 502])]);
      $fire('actionOrderStatusPostUpdate', ['id_order' => 501, 'newOrderStatus' => null]);
      $fire('actionObjectOrderSlipAddAfter', ['object' => $saved(['id' => 3, 'id_order' => 502])]);
      $fire('actionObjectStockAvailableUpdateAfter', ['object' => $saved(['id' => 67, 'id_product' => 27, 'id_product_attribute' => 44])]);
      $before = count($module->sent); ${end} ${end}`);
    expect(callable.every(Boolean)).toBe(true);
    expect([before, ends, sent.length]).toEqual([0, 1, 1]);
    const [url, lines, body] = sent[0]!;
    expect(url).toBe('https://onhand.test/hooks/1');
    const headers = Object.fromEntries(lines.map((line) => [line.split(': ')[0]!.toLowerCase(), line.split(': ')[1]!]));
    const delivery = { method: 'POST', path: '/', headers, body: Buffer.from(body), receivedAt: '' };
    const { config } = openBench({}, { webhookSecret: 'whsec-tést-0123456789' });
    expect(verify(delivery, config)).toEqual({ verdict: 'ok', topic: TOPIC });
    expect(verify(delivery, { ...config, webhookSecret: 'another-0123456789' })).toMatchObject({
      why: 'bad-signature',
    });
    expect(decode(delivery, TOPIC, config)).toMatchObject([{ doc: 'order:501' }, { doc: 'order:502' }]);
  });

  it('a number changed by hand is told by product and combination', () => {
    const { sent } = run(`
      $fire('actionObjectStockAvailableUpdateAfter', ['object' => $saved(['id' => 67, 'id_product' => 27, 'id_product_attribute' => 44])]);
      $fire('actionObjectStockAvailableUpdateAfter', ['object' => $saved(['id' => 66, 'id_product' => 27, 'id_product_attribute' => 0])]); ${end}`);
    expect(JSON.parse(sent[0]![2])).toEqual({ stock: ['27/44', '27/0'] });
  });

  it('thousands are told in portions, and nothing without a secret', () => {
    const { sent } = run(
      `for ($id = 1; $id <= 1200; $id++) $fire('actionObjectOrderUpdateAfter', ['object' => $saved(['id' => $id])]); ${end}`,
    );
    const sizes = sent.map(([, , body]) => (JSON.parse(body) as { orders: unknown[] }).orders.length);
    expect(sizes.length).toBe(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1_200);
    const silent = run(
      `Configuration::deleteByName('ONHAND_EVENTS_SECRET'); $fire('actionObjectOrderUpdateAfter', ['object' => $saved(['id' => 1])]); ${end}`,
    );
    expect(silent.sent).toEqual([]);
  });
});
