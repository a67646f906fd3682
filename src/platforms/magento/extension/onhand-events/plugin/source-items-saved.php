<?php

declare(strict_types=1);

namespace Onhand\Events\Plugin;

use Onhand\Events\Model\Changes;

/** Somebody, or an API, changed what lies in a source. */
class SourceItemsSaved
{
    private Changes $changes;

    public function __construct(Changes $changes)
    {
        $this->changes = $changes;
    }

    /**
     * @param mixed $subject
     * @param mixed $result
     * @param \Magento\InventoryApi\Api\Data\SourceItemInterface[] $sourceItems
     */
    public function afterExecute($subject, $result, array $sourceItems)
    {
        foreach ($sourceItems as $item) {
            $this->changes->sku((string)$item->getSku());
        }
        return $result;
    }
}
