import { BlockList, isIP } from 'node:net';
import { isJson, listOf } from './json.ts';

/** Addresses, prefixes and ranges in the JSON of nftables. */
export function blockListOf(values: readonly unknown[]): BlockList {
  const list = new BlockList();
  for (const value of values) {
    const { prefix, range } = isJson(value) ? value : {};
    const [low, high] = listOf(range).map(String);
    if (typeof value === 'string') add(list, value);
    else if (isJson(prefix)) add(list, `${prefix['addr']}/${prefix['len']}`);
    else if (low !== undefined && high !== undefined && isIP(low) !== 0 && isIP(low) === isIP(high))
      list.addRange(low, high, isIP(low) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** `10.0.0.0/8`, `::1`; anything that is neither a prefix nor an address is left out. */
export function add(list: BlockList, text: string): void {
  const [address = '', length] = text.split('/');
  const version = isIP(address);
  const bits = length === undefined ? (version === 6 ? 128 : 32) : Number(length);
  if (version === 0 || !(bits >= 0 && bits <= (version === 6 ? 128 : 32))) return;
  list.addSubnet(address, bits, version === 6 ? 'ipv6' : 'ipv4');
}
