import { BlockList, isIP } from 'node:net';

const inside = new BlockList();
inside.addSubnet('10.0.0.0', 8);
inside.addSubnet('127.0.0.0', 8);
inside.addSubnet('172.16.0.0', 12);
inside.addSubnet('192.168.0.0', 16);
inside.addSubnet('100.64.0.0', 10);
inside.addAddress('::1', 'ipv6');
inside.addSubnet('fc00::', 7, 'ipv6');

/**
 * Does this name or address mean a machine of the operator's own network, judging by the name alone? Used where plain
 * http is acceptable; whether we may really go there is decided by the transport, after the name was looked up.
 */
export function isInsideHost(hostname: string): boolean {
  const host = hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  const family = isIP(host);
  if (family !== 0) return inside.check(host, family === 4 ? 'ipv4' : 'ipv6');
  // Single names ("odoo" in a compose file) and names reserved for private use never resolve on the public internet.
  return !host.includes('.') || /\.(localhost|local|internal|lan|intranet|home\.arpa|test)$/.test(host);
}
