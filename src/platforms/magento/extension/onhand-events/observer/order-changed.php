<?php

declare(strict_types=1);

namespace Onhand\Events\Observer;

use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Onhand\Events\Model\Changes;

/** An order was saved or deleted, or a shipment of it was saved. */
class OrderChanged implements ObserverInterface
{
    private Changes $changes;

    public function __construct(Changes $changes)
    {
        $this->changes = $changes;
    }

    public function execute(Observer $observer): void
    {
        $saved = $observer->getEvent()->getData('data_object');
        if (!is_object($saved)) {
            return;
        }
        // A shipment names its order; an order is one.
        $this->changes->order((int)($saved->getData('order_id') ?: $saved->getData('entity_id')));
    }
}
