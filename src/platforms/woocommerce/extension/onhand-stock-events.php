<?php
/**
 * Plugin Name: Onhand stock events
 * Description: Tells Onhand at once when WooCommerce takes stock for an order or puts it back, and when orders are deleted for good. WooCommerce's own webhooks wait for WP-cron.
 * Version: 1.0.0
 * Requires at least: 6.0
 * Requires PHP: 7.4
 * Requires Plugins: woocommerce
 * License: Apache-2.0
 *
 * Set in wp-config.php:
 *   define('ONHAND_HOOK_URL', 'https://onhand.example.com/hooks/…');  // the channel's webhook address
 *   define('ONHAND_HOOK_SECRET', '…');                                // the channel's webhook secret
 *
 * Sends only {"action":"onhand_order_changed","arg":<order number>}: no names, no addresses, no amounts. Onhand then fetches
 * the order by API. Whatever is lost here is found by polling.
 */

/** The signature WooCommerce itself makes: base64 HMAC-SHA256 of the body. */
function onhand_sign(string $body, string $secret): string
{
    return base64_encode(hash_hmac('sha256', $body, $secret, true));
}

/** The event's body; the order is named and nothing else is told. */
function onhand_body(int $order_id): string
{
    return (string) json_encode(array('action' => 'onhand_order_changed', 'arg' => $order_id));
}

/** Everything a delivery needs but the address. */
function onhand_request(int $order_id, string $secret, string $source): array
{
    $body = onhand_body($order_id);
    return array(
        'body' => $body,
        'headers' => array(
            'Content-Type' => 'application/json',
            'X-WC-Webhook-Source' => $source,
            'X-WC-Webhook-Topic' => 'action.onhand_order_changed',
            'X-WC-Webhook-Resource' => 'action',
            'X-WC-Webhook-Event' => 'onhand_order_changed',
            'X-WC-Webhook-Signature' => onhand_sign($body, $secret),
        ),
    );
}

// Linted and signed with outside WordPress by Onhand's tests; there is nothing to hook there.
if (!defined('ABSPATH')) {
    return;
}

/** Telling takes no longer than this per request. */
const ONHAND_SECONDS_MAX = 5;

/**
 * Orders that changed in this request, each told once. Sent when the request ends, so that a checkout never waits for it and
 * everything the request changes is in the database by then.
 *
 * @param int|WC_Order|WC_Abstract_Order $order
 */
function onhand_order_changed($order): void
{
    static $changed = array();
    static $waiting = false;
    $id = is_object($order) && method_exists($order, 'get_id') ? (int) $order->get_id() : (int) $order;
    if ($id <= 0) {
        return;
    }
    $changed[$id] = true;
    if ($waiting) {
        return;
    }
    $waiting = true;
    add_action('shutdown', function () use (&$changed, &$waiting) {
        $waiting = false;
        $ids = array_keys($changed);
        $changed = array();
        // The page is done: who waits for it shall have it first. Hundreds of orders changed at once, or an Onhand that
        // cannot be reached, must not hold a PHP worker; what is not told here is found by polling.
        if (function_exists('fastcgi_finish_request')) {
            fastcgi_finish_request();
        }
        $until = microtime(true) + ONHAND_SECONDS_MAX;
        foreach ($ids as $id) {
            if (microtime(true) > $until) {
                return;
            }
            onhand_send($id);
        }
    }, 100);
}

/** One event, not waited for. */
function onhand_send(int $order_id): void
{
    if (!defined('ONHAND_HOOK_URL') || !defined('ONHAND_HOOK_SECRET') || ONHAND_HOOK_SECRET === '') {
        return;
    }
    $request = onhand_request($order_id, ONHAND_HOOK_SECRET, home_url('/'));
    wp_remote_post(ONHAND_HOOK_URL, array(
        'method' => 'POST',
        'blocking' => false,
        'timeout' => 2,
        'redirection' => 0,
        'headers' => $request['headers'],
        'body' => $request['body'],
    ));
}

// The moments at which WooCommerce has taken stock off, or put it back.
add_action('woocommerce_reduce_order_stock', 'onhand_order_changed');
add_action('woocommerce_restore_order_stock', 'onhand_order_changed');
// Completed means gone; a refund may put units back.
add_action('woocommerce_order_status_changed', 'onhand_order_changed');
add_action('woocommerce_order_refunded', 'onhand_order_changed');
add_action('woocommerce_restock_refunded_item', function ($product_id, $old_stock, $new_stock, $order) {
    onhand_order_changed($order);
}, 10, 4);
add_action('woocommerce_refund_deleted', function ($refund_id, $order_id) {
    onhand_order_changed($order_id);
}, 10, 2);
// Lines added, changed or removed in the order screen.
add_action('woocommerce_saved_order_items', 'onhand_order_changed');
// Trash, restore, and deleted for good: WooCommerce sends no webhook for the last.
foreach (array('woocommerce_trash_order', 'woocommerce_untrash_order', 'woocommerce_before_delete_order') as $onhand_hook) {
    add_action($onhand_hook, 'onhand_order_changed');
}
// The same where orders are still kept as posts.
foreach (array('trashed_post', 'untrashed_post', 'before_delete_post') as $onhand_hook) {
    add_action($onhand_hook, function ($post_id) {
        if (get_post_type($post_id) === 'shop_order') {
            onhand_order_changed($post_id);
        }
    });
}

add_action('admin_notices', function () {
    if (!current_user_can('manage_woocommerce')) {
        return;
    }
    if (!defined('ONHAND_HOOK_URL') || !defined('ONHAND_HOOK_SECRET')) {
        echo '<div class="notice notice-warning"><p>';
        echo esc_html('Onhand stock events: define ONHAND_HOOK_URL and ONHAND_HOOK_SECRET in wp-config.php. Until then nothing is sent.');
        echo '</p></div>';
    }
});
