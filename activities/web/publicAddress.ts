/** Whether an IP address is of the public internet: a data file must not make us call a machine of our own network. */
import { BlockList, isIP } from 'node:net';

/** IANA's special-purpose registry for IPv4. */
const special4: [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Of the one range that is routed, 2000::/3, what leads elsewhere: Teredo and its like, documentation, 6to4. */
const special6: [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const blocked4 = listOf(special4, 'ipv4');
const blocked6 = listOf(special6, 'ipv6');
const routed6 = listOf([['2000::', 3]], 'ipv6');
const mapped4 = listOf([['::ffff:0:0', 96]], 'ipv6');

function listOf(ranges: [string, number][], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of ranges) list.addSubnet(address, prefix, family);
  return list;
}

/** False for private, loopback, link-local and all other special addresses, and for what is no address. */
export function isPublic(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !blocked4.check(address, 'ipv4');
  if (version !== 6 || address.includes('%')) return false;
  // A list of IPv4 ranges finds addresses that are mapped into IPv6 too.
  if (mapped4.check(address, 'ipv6')) return !blocked4.check(address, 'ipv6');
  return routed6.check(address, 'ipv6') && !blocked6.check(address, 'ipv6');
}
