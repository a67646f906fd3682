<?php
/**
 * What is sent: order numbers, and products with their combination. No names, no addresses, no amounts; Onhand asks for the
 * rest by the webservice.
 */
class OnhandMessage
{
    const SIGNATURE = 'X-Onhand-Signature';

    /**
     * @param int[] $orders
     * @param string[] $stock like 27/44
     */
    public static function body(array $orders, array $stock)
    {
        // A request that changes an order moves its stock as well: the order tells of it.
        $body = $orders ? array('orders' => array_map('strval', array_values($orders))) : array('stock' => array_values($stock));

        return (string) json_encode($body);
    }

    /** Lower-case hex HMAC-SHA256 of the body as it is sent. */
    public static function sign($body, $secret)
    {
        return hash_hmac('sha256', $body, $secret);
    }

    /** @return string[] */
    public static function headers($body, $secret)
    {
        return array('Content-Type: application/json', self::SIGNATURE . ': ' . self::sign($body, $secret));
    }
}
