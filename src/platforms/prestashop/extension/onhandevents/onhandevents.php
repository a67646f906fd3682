<?php
/**
 * Tells Onhand which orders and products a request changed. PrestaShop has no webhooks; what is lost here is found by polling.
 *
 * @license Apache-2.0
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

require_once __DIR__ . '/message.php';

class OnhandEvents extends Module
{
    const URL = 'ONHAND_EVENTS_URL';
    const SECRET = 'ONHAND_EVENTS_SECRET';
    /** A script that changes thousands tells them in portions. */
    const PORTION = 500;
    const SECONDS_MAX = 3;

    /** @var array<int, bool> */
    private static $orders = array();
    /** @var array<string, bool> */
    private static $stock = array();
    private static $waiting = false;

    public function __construct()
    {
        $this->name = 'onhandevents';
        $this->tab = 'administration';
        $this->version = '1.0.0';
        $this->author = 'Onhand';
        $this->need_instance = 0;
        $this->bootstrap = true;
        parent::__construct();
        $this->displayName = 'Onhand events';
        $this->description = 'Tells Onhand at once which orders and products changed, by signed messages that name them and nothing else.';
        $this->ps_versions_compliancy = array('min' => '1.7.0.0', 'max' => _PS_VERSION_);
    }

    public function install()
    {
        return parent::install() && $this->registerHook(array(
            'actionObjectOrderAddAfter',
            'actionObjectOrderUpdateAfter',
            'actionObjectOrderDetailAddAfter',
            'actionObjectOrderDetailUpdateAfter',
            'actionObjectOrderDetailDeleteAfter',
            'actionObjectOrderSlipAddAfter',
            'actionOrderStatusPostUpdate',
            'actionObjectStockAvailableAddAfter',
            'actionObjectStockAvailableUpdateAfter',
        ));
    }

    public function uninstall()
    {
        Configuration::deleteByName(self::URL);
        Configuration::deleteByName(self::SECRET);

        return parent::uninstall();
    }

    public function hookActionObjectOrderAddAfter($params)
    {
        $this->order($params['object']->id);
    }

    public function hookActionObjectOrderUpdateAfter($params)
    {
        $this->order($params['object']->id);
    }

    public function hookActionObjectOrderDetailAddAfter($params)
    {
        $this->order($params['object']->id_order);
    }

    public function hookActionObjectOrderDetailUpdateAfter($params)
    {
        $this->order($params['object']->id_order);
    }

    public function hookActionObjectOrderDetailDeleteAfter($params)
    {
        $this->order($params['object']->id_order);
    }

    public function hookActionObjectOrderSlipAddAfter($params)
    {
        $this->order($params['object']->id_order);
    }

    public function hookActionOrderStatusPostUpdate($params)
    {
        $this->order($params['id_order']);
    }

    public function hookActionObjectStockAvailableAddAfter($params)
    {
        $this->stock($params['object']);
    }

    public function hookActionObjectStockAvailableUpdateAfter($params)
    {
        $this->stock($params['object']);
    }

    private function order($id)
    {
        if ((int) $id > 0) {
            self::$orders[(int) $id] = true;
            $this->wait();
        }
    }

    private function stock($record)
    {
        if ((int) $record->id_product > 0) {
            self::$stock[(int) $record->id_product . '/' . (int) $record->id_product_attribute] = true;
            $this->wait();
        }
    }

    private function wait()
    {
        if (count(self::$orders) + count(self::$stock) >= self::PORTION) {
            $this->flush();
        }
        if (!self::$waiting) {
            self::$waiting = true;
            $this->atEnd(array($this, 'end'));
        }
    }

    /** The page is done: who waits for it shall have it first. */
    public function end()
    {
        if (function_exists('fastcgi_finish_request')) {
            fastcgi_finish_request();
        }
        $this->flush();
    }

    public function flush()
    {
        $orders = array_keys(self::$orders);
        $stock = array_keys(self::$stock);
        self::$orders = array();
        self::$stock = array();
        $url = trim((string) Configuration::get(self::URL));
        $secret = trim((string) Configuration::get(self::SECRET));
        if ((!$orders && !$stock) || $url === '' || $secret === '') {
            return;
        }
        $body = OnhandMessage::body($orders, $stock);
        $this->post($url, OnhandMessage::headers($body, $secret), $body);
    }

    protected function atEnd($work)
    {
        register_shutdown_function($work);
    }

    /** Tried once. */
    protected function post($url, array $headers, $body)
    {
        $curl = curl_init($url);
        if ($curl === false) {
            return;
        }
        curl_setopt_array($curl, array(
            CURLOPT_POST => true,
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_CONNECTTIMEOUT => 2,
            CURLOPT_TIMEOUT => self::SECONDS_MAX,
        ));
        curl_exec($curl);
        curl_close($curl);
    }

    /** Modules > Module Manager > Onhand events > Configure. */
    public function getContent()
    {
        $said = '';
        if (Tools::isSubmit('submitOnhandEvents')) {
            Configuration::updateValue(self::URL, trim((string) Tools::getValue(self::URL)));
            // Left empty: the old one stays.
            $secret = trim((string) Tools::getValue(self::SECRET));
            if ($secret !== '') {
                Configuration::updateValue(self::SECRET, $secret);
            }
            $said = $this->displayConfirmation('Saved.');
        }
        $form = new HelperForm();
        $form->module = $this;
        $form->name_controller = $this->name;
        $form->token = Tools::getAdminTokenLite('AdminModules');
        $form->currentIndex = AdminController::$currentIndex . '&configure=' . $this->name;
        $form->default_form_language = (int) Configuration::get('PS_LANG_DEFAULT');
        $form->submit_action = 'submitOnhandEvents';
        $form->fields_value = array(self::URL => (string) Configuration::get(self::URL), self::SECRET => '');

        return $said . $form->generateForm(array(array('form' => array(
            'legend' => array('title' => 'Onhand events'),
            'input' => array(
                array(
                    'type' => 'text',
                    'name' => self::URL,
                    'label' => 'Webhook address',
                    'desc' => 'The channel\'s webhook address in Onhand, like https://onhand.example.com/hooks/…',
                    'required' => true,
                ),
                array(
                    'type' => 'text',
                    'name' => self::SECRET,
                    'label' => 'Webhook secret',
                    'desc' => 'The same text as webhookSecret in the channel\'s settings. Without one nothing is sent. Empty: the saved one stays.',
                ),
            ),
            'submit' => array('title' => 'Save'),
        ))));
    }
}
