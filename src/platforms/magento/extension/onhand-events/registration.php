<?php

declare(strict_types=1);

use Magento\Framework\Component\ComponentRegistrar;

// Loaded by composer or by app/code, whatever the folder is called: the module brings its own way from class to file.
spl_autoload_register(static function (string $class): void {
    if (strncmp($class, 'Onhand\\Events\\', 14) !== 0) {
        return;
    }
    $words = preg_replace('/(?<=[a-z])(?=[A-Z])/', '-', str_replace('\\', '/', substr($class, 14)));
    $file = __DIR__ . '/' . strtolower((string)$words) . '.php';
    if (is_file($file)) {
        require_once $file;
    }
});

ComponentRegistrar::register(ComponentRegistrar::MODULE, 'Onhand_Events', __DIR__);
