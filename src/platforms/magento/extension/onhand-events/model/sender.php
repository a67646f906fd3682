<?php

declare(strict_types=1);

namespace Onhand\Events\Model;

use Magento\Framework\App\Config\ScopeConfigInterface;

/** One message, tried once: what is lost is found by polling. */
class Sender
{
    private const SECONDS_MAX = 3;

    private ScopeConfigInterface $config;

    public function __construct(ScopeConfigInterface $config)
    {
        $this->config = $config;
    }

    public function send(array $orders, array $skus): void
    {
        $url = trim((string)$this->config->getValue('onhand/events/url'));
        // Decrypted already: etc/config.xml names its backend model.
        $secret = trim((string)$this->config->getValue('onhand/events/secret'));
        if ($url === '' || $secret === '') {
            return;
        }
        $body = Message::body($orders, $skus);
        $this->post($url, Message::headers($body, $secret), $body);
    }

    protected function post(string $url, array $headers, string $body): void
    {
        $curl = curl_init($url);
        if ($curl === false) {
            return;
        }
        curl_setopt_array($curl, [
            CURLOPT_POST => true,
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_CONNECTTIMEOUT => 2,
            CURLOPT_TIMEOUT => self::SECONDS_MAX,
        ]);
        curl_exec($curl);
        curl_close($curl);
    }
}
