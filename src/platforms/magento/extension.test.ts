import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { openBench } from './testing/bench.ts';
import { decode, TOPIC, verify } from './webhook.ts';

const module = fileURLToPath(new URL('./extension/onhand-events/', import.meta.url));
const files = readdirSync(module, { recursive: true, encoding: 'utf8' });
const PHP = process.env['PHP'] ?? 'php';
const php = (...args: string[]) => spawnSync(PHP, args, { encoding: 'utf8' });
const kebab = (name: string) =>
  name
    .replaceAll('\\', '/')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase();
const hasPhp = php('-v').status === 0;

describe('the Magento module', () => {
  it('its XML is well-formed, and names classes that are there', () => {
    const documents = files.filter((file) => file.endsWith('.xml'));
    expect(documents.length).toBeGreaterThanOrEqual(5);
    for (const file of documents) {
      const text = readFileSync(`${module}${file}`, 'utf8');
      expect(XMLValidator.validate(text), file).toBe(true);
      for (const [, name] of text.matchAll(/"Onhand\\Events\\([\w\\]+)"/g))
        expect(files, file).toContain(`${kebab(name!)}.php`);
    }
  });
});

describe('the secret of the Magento module', () => {
  it('is decrypted by Magento, because the defaults name its backend model, and so by nobody else', () => {
    expect(readFileSync(`${module}etc/config.xml`, 'utf8')).toContain('backend_model="Magento\\Config');
    expect(readFileSync(`${module}model/sender.php`, 'utf8')).not.toMatch(/->decrypt\(/);
  });
});

describe.skipIf(!hasPhp)('the Magento module in PHP (skipped where php is not installed)', () => {
  it('is PHP without errors', () => {
    for (const file of files.filter((one) => one.endsWith('.php'))) {
      const lint = php('-l', `${module}${file}`);
      expect(lint.stdout + lint.stderr, file).toMatch(/No syntax errors/);
    }
  });

  /** Magento's part, as small as it can be: settings, saved things, and messages that are kept instead of sent. */
  const run = (work: string) => {
    const ran = php(
      '-r',
      `namespace Magento\\Framework\\Component { class ComponentRegistrar { const MODULE = 'module'; static function register(...$all) {} } }
       namespace Magento\\Framework\\App\\Config { interface ScopeConfigInterface { function getValue($path); } }
       namespace Magento\\Framework\\Event {
         interface ObserverInterface { function execute(Observer $observer): void; }
         class Observer { private $data; function __construct($data) { $this->data = $data; }
           function getEvent() { return $this; } function getData($name) { return $name === 'data_object' ? $this->data : null; } } }
       namespace {
         $dir = ${JSON.stringify(module)};
         require $dir . 'registration.php';
         class Settings implements Magento\\Framework\\App\\Config\\ScopeConfigInterface { public $url = 'https://onhand.test/hooks/1'; function getValue($path) { return str_ends_with($path, 'url') ? $this->url : 'whsec-tést-0123456789'; } }
         class Kept extends Onhand\\Events\\Model\\Sender { public $sent = []; protected function post(string $url, array $headers, string $body): void { $this->sent[] = [$url, $headers, $body]; } }
         class Now extends Onhand\\Events\\Model\\Changes { public $end = []; protected function atEnd(callable $work): void { $this->end[] = $work; } }
         class Saved { private $data; function __construct($data) { $this->data = $data; } function getData($name) { return $this->data[$name] ?? null; } function getSku() { return $this->data['sku']; } function getAllItems() { return $this->data['items'] ?? []; } }
         $settings = new Settings(); $sender = new Kept($settings); $changes = new Now($sender);
         $saved = function (array $data) use ($changes) { (new Onhand\\Events\\Observer\\OrderChanged($changes))->execute(new Magento\\Framework\\Event\\Observer(new Saved($data))); };
         ${work}
       }`,
    );
    expect(ran.stderr).toBe('');
    return JSON.parse(ran.stdout) as {
      before: number;
      ends: number;
      result: unknown;
      sent: [string, string[], string][];
    };
  };

  it('signs so that we accept it: one message at the end of the request, each order once', () => {
    const { before, ends, result, sent } = run(`
      $saved(['entity_id' => 501]); $saved(['entity_id' => 501]); $saved(['entity_id' => 77, 'order_id' => 502]);
      $result = (new Onhand\\Events\\Plugin\\SourceItemsSaved($changes))->afterExecute(null, 'kept', [new Saved(['sku' => 'TEE/RÖT']), new Saved(['sku' => '7'])]);
      $before = count($sender->sent);
      foreach ($changes->end as $end) { $end(); $end(); }
      echo json_encode(['before' => $before, 'ends' => count($changes->end), 'result' => $result, 'sent' => $sender->sent]);`);
    expect([before, ends, result, sent.length]).toEqual([0, 1, 'kept', 1]);
    const [url, lines, body] = sent[0]!;
    expect(url).toBe('https://onhand.test/hooks/1');
    const headers = Object.fromEntries(lines.map((line) => [line.split(': ')[0]!.toLowerCase(), line.split(': ')[1]!]));
    const delivery = { method: 'POST', path: '/', headers, body: Buffer.from(body), receivedAt: '' };
    const { config } = openBench({}, { webhookSecret: 'whsec-tést-0123456789' });
    expect(verify(delivery, config)).toEqual({ verdict: 'ok', topic: TOPIC });
    expect(verify(delivery, { ...config, webhookSecret: 'another-0123456789' })).toMatchObject({
      why: 'bad-signature',
    });
    expect(
      decode(delivery, TOPIC, config).map((signal) =>
        signal.kind === 'dirty' ? signal.stockKey : signal.kind === 'document-changed' && signal.doc,
      ),
    ).toEqual(['order:501', 'order:502', 'TEE/RÖT', '7']);
  });

  it('a refund names the order and what came back', () => {
    const { sent } = run(`
      (new Onhand\\Events\\Observer\\CreditmemoSaved($changes))->execute(new Magento\\Framework\\Event\\Observer(new Saved(['entity_id' => 3, 'order_id' => 501, 'items' => [new Saved(['sku' => 'TEE'])]])));
      foreach ($changes->end as $end) $end();
      echo json_encode(['before' => 0, 'ends' => 0, 'result' => null, 'sent' => $sender->sent]);`);
    expect(JSON.parse(sent[0]![2])).toEqual({ orders: ['501'], skus: ['TEE'] });
  });

  it('an import of thousands is told in portions; without an address nothing is sent; an error of ours breaks nothing', () => {
    const portions = run(`
      for ($id = 1; $id <= 1200; $id++) $changes->order($id);
      foreach ($changes->end as $end) $end();
      $sizes = array_map(function ($one) { return count(json_decode($one[2], true)['orders']); }, $sender->sent);
      echo json_encode(['result' => $sizes, 'sent' => [], 'before' => 0, 'ends' => 0]);`);
    expect((portions.result as number[]).reduce((sum, size) => sum + size, 0)).toBe(1_200);
    expect((portions.result as number[]).length).toBe(3);
    const silent = run(`
      $settings->url = ''; $saved(['entity_id' => 1]); foreach ($changes->end as $end) $end();
      class Broken extends Kept { protected function post(string $url, array $headers, string $body): void { throw new \\RuntimeException('down'); } }
      $settings->url = 'https://onhand.test'; ini_set('error_log', '/dev/null');
      $other = new Now(new Broken($settings)); $other->order(2); foreach ($other->end as $end) $end();
      echo json_encode(['result' => 'alive', 'sent' => $sender->sent, 'before' => 0, 'ends' => 0]);`);
    expect([silent.result, silent.sent]).toEqual(['alive', []]);
  });
});
