/** Names looked up so that a call can only reach the public internet: the address that was checked is the one that is called. */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isPublic } from './publicAddress.js';

/** Makes the error of a name whose address is not public. */
export type Refusal = (host: string, address: string) => Error;

/** The host of a URL, without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** Throws where the host is itself an address that is not public: such a one is never looked up. */
export function requirePublicHost(url: URL, refusal: Refusal): void {
  const host = hostOf(url);
  if (isIP(host) && !isPublic(host)) throw refusal(host, host);
}

/** Looks a name up as Node does, and refuses it when any of its addresses is not public. */
export function publicLookup(refusal: Refusal): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...(options as LookupOptions), all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 0);
      const inner = addresses.find(({ address }) => !isPublic(address));
      if (inner) return callback(refusal(hostname, inner.address), '', 0);
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      return callback(null, first?.address ?? '', first?.family ?? 0);
    });
  };
}
