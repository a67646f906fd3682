<?php

declare(strict_types=1);

namespace Onhand\Events\Model;

/**
 * What changed in this request, each told once, when it ends: so a checkout never waits for it, and everything the request
 * changes is in the database by then. An import of thousands, or a consumer that never ends, is told in portions.
 */
class Changes
{
    private const PORTION = 500;
    private const SECONDS_MAX = 10;

    private Sender $sender;
    /** @var array<int, true> */
    private array $orders = [];
    /** @var array<string, true> */
    private array $skus = [];
    private bool $waiting = false;
    private float $since = 0.0;

    public function __construct(Sender $sender)
    {
        $this->sender = $sender;
    }

    public function order(int $id): void
    {
        if ($id > 0) {
            $this->orders[$id] = true;
            $this->wait();
        }
    }

    public function sku(string $sku): void
    {
        if ($sku !== '') {
            $this->skus[$sku] = true;
            $this->wait();
        }
    }

    private function wait(): void
    {
        $isLong = $this->waiting && microtime(true) - $this->since > self::SECONDS_MAX;
        if ($isLong || count($this->orders) + count($this->skus) >= self::PORTION) {
            $this->flush();
        }
        if (!$this->waiting) {
            $this->waiting = true;
            $this->since = microtime(true);
            $this->atEnd(function (): void {
                // The page is done: who waits for it shall have it first.
                if (function_exists('fastcgi_finish_request')) {
                    fastcgi_finish_request();
                }
                $this->flush();
            });
        }
    }

    public function flush(): void
    {
        $orders = array_keys($this->orders);
        // PHP turns a key of digits into a number.
        $skus = array_map('strval', array_keys($this->skus));
        $this->orders = [];
        $this->skus = [];
        $this->since = microtime(true);
        if (!$orders && !$skus) {
            return;
        }
        try {
            $this->sender->send($orders, $skus);
        } catch (\Throwable $error) {
            // Telling us must not break what the shop does.
            error_log('Onhand events: ' . $error->getMessage());
        }
    }

    protected function atEnd(callable $work): void
    {
        register_shutdown_function($work);
    }
}
