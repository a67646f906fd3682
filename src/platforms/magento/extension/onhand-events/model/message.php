<?php

declare(strict_types=1);

namespace Onhand\Events\Model;

/** What is sent: order numbers and SKUs. No names, no addresses, no amounts; Onhand asks for the rest by API. */
class Message
{
    public const SIGNATURE = 'X-Onhand-Signature';

    /**
     * @param int[] $orders entity ids
     * @param string[] $skus
     */
    public static function body(array $orders, array $skus): string
    {
        $body = [];
        if ($orders) {
            // As text: an id may be longer than a number of the receiver's holds.
            $body['orders'] = array_map('strval', array_values($orders));
        }
        if ($skus) {
            $body['skus'] = array_map('strval', array_values($skus));
        }
        return (string)json_encode($body, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE);
    }

    /** Lower-case hex HMAC-SHA256 of the body as it is sent. */
    public static function sign(string $body, string $secret): string
    {
        return hash_hmac('sha256', $body, $secret);
    }

    /** @return string[] */
    public static function headers(string $body, string $secret): array
    {
        return ['Content-Type: application/json', self::SIGNATURE . ': ' . self::sign($body, $secret)];
    }
}
