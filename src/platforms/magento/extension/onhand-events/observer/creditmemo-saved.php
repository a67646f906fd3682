<?php

declare(strict_types=1);

namespace Onhand\Events\Observer;

use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Onhand\Events\Model\Changes;

/** A refund. Whether its goods went back on the shelf is written down nowhere, so what can be sold now is worth a look. */
class CreditmemoSaved implements ObserverInterface
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
        $this->changes->order((int)$saved->getData('order_id'));
        foreach ($saved->getAllItems() ?: [] as $item) {
            $this->changes->sku((string)$item->getSku());
        }
    }
}
