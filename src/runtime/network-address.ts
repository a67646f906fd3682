import { BlockList, isIP } from 'node:net';

const inside = new BlockList();
const never = new BlockList();

// RFC 1918, loopback, carrier-grade NAT, unique local: where a company's own systems live.
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  inside.addSubnet(net, bits, 'ipv4');
inside.addSubnet('::1', 128, 'ipv6');
inside.addSubnet('fc00::', 7, 'ipv6');

// "This host", link-local (169.254.169.254 hands out a cloud machine's keys), documentation, multicast, broadcast.
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  never.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  ['2001:db8::', 32],
  ['100::', 64],
] as const)
  never.addSubnet(net, bits, 'ipv6');

/**
 * What kind of network an IP address belongs to. `inside` is a company's own network or this machine; `never` is no
 * place for a shop (link-local, multicast, reserved). IPv4 inside IPv6 (mapped, 6to4, NAT64) is judged as that IPv4.
 */
export function addressKind(address: string): 'public' | 'inside' | 'never' {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(bare);
  if (family === 0) return 'never';
  const ipv4 = family === 4 ? bare : embeddedIpv4(bare);
  if (ipv4) {
    if (never.check(ipv4, 'ipv4')) return 'never';
    return inside.check(ipv4, 'ipv4') ? 'inside' : 'public';
  }
  if (never.check(bare, 'ipv6')) return 'never';
  return inside.check(bare, 'ipv6') ? 'inside' : 'public';
}

/** The IPv4 address that an IPv6 one carries, if any: `::ffff:10.0.0.1`, `64:ff9b::a00:1`, `2002:a00:1::`. */
function embeddedIpv4(address: string): string | undefined {
  // The URL parser writes every IPv6 address in one canonical form.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail = ''] = canonical.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const groups = canonical.includes('::')
    ? [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right]
    : left;
  const words = groups.map((group) => Number.parseInt(group, 16));
  const dotted = (high: number, low: number) => `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  const zeros = (from: number, to: number) => words.slice(from, to).every((word) => word === 0);
  if (words[0] === 0x2002) return dotted(words[1]!, words[2]!);
  if (words[0] === 0x64 && words[1] === 0xff9b && zeros(2, 6)) return dotted(words[6]!, words[7]!);
  if (zeros(0, 5) && words[5] === 0xffff) return dotted(words[6]!, words[7]!);
  if (zeros(0, 6) && (words[6] !== 0 || words[7]! > 1)) return dotted(words[6]!, words[7]!);
  return undefined;
}
