import ipaddr from 'ipaddr.js'

export type Address = ipaddr.IPv4 | ipaddr.IPv6
/** A network and the length of its prefix, in bits. */
export type Network = [Address, number]

/** What an address is for. All but the first three are never a target. */
export type AddressClass =
  'public' | 'private' | 'loopback' | 'link_local' | 'metadata' | 'unspecified' | 'multicast' | 'reserved' | 'ip_embedding'

/**
 * First match counts. From the special-purpose registries of IANA (RFC 6890 and its updates) and the clouds' own papers.
 * Shared address space (100.64/10) is private: overlay networks and pods live there. What is for documentation, benchmarks,
 * anycast sinks or nothing yet is reserved.
 */
const table: Record<'ipv4' | 'ipv6', [AddressClass, string][]> = {
  ipv4: [
    // Azure's host agent, in public space, and the metadata of Alibaba Cloud, in shared space.
    ['metadata', '168.63.129.16/32 100.100.100.200/32'],
    ['unspecified', '0.0.0.0/8'],
    ['loopback', '127.0.0.0/8'],
    ['private', '10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10'],
    ['link_local', '169.254.0.0/16'],
    ['multicast', '224.0.0.0/4'],
    ['reserved', '192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.175.48.0/24'],
    ['reserved', '198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4'],
    ['public', '0.0.0.0/0'],
  ],
  ipv6: [
    ['unspecified', '::/128'],
    ['loopback', '::1/128'],
    // IPv4-compatible, -mapped and -translated, NAT64 (two), Teredo, 6to4.
    ['ip_embedding', '::/96 ::ffff:0:0/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 2001::/32 2002::/16'],
    // AWS, Google, Oracle, Scaleway; all of them in unique local space.
    ['metadata', 'fd00:ec2::/32 fd20:ce::254/128 fd00:c1::a9fe:a9fe/128 fd00:42::42/128'],
    ['private', 'fc00::/7'],
    ['link_local', 'fe80::/10'],
    ['multicast', 'ff00::/8'],
    ['reserved', '2001::/23 2001:db8::/32 2620:4f:8000::/48 3fff::/20'],
    ['public', '2000::/3'],
    ['reserved', '::/0'],
  ],
}

const parseRow = ([kind, networks]: [AddressClass, string]) =>
  networks.split(' ').map((network): [AddressClass, Network] => [kind, ipaddr.parseCIDR(network)])

const parsed: Partial<Record<keyof typeof table, [AddressClass, Network][]>> = {}

/** Read when the first address is judged: most commands judge none. */
const rangesOf = (kind: keyof typeof table) => (parsed[kind] ??= table[kind].flatMap(parseRow))

const decimal = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/

/**
 * An address written in full: four decimal numbers, or any spelling of IPv6, a zone aside. Undefined when it is none, and quickly
 * so for a name, which most hosts are: the library takes 20 µs to find that out.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.includes(':')) return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined
  const octets = decimal.exec(text)?.slice(1).map(Number)
  return octets?.every((octet) => octet <= 255) ? new ipaddr.IPv4(octets) : undefined
}

/** What the system calls an IPv4 address on a socket that takes both kinds is that IPv4 address. */
export function unmapped(address: Address): Address {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

export function inNetwork(address: Address, [network, bits]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, bits)
}

export function classOf(address: Address): AddressClass {
  if (isIsatap(address)) return 'ip_embedding'
  return rangesOf(address.kind()).find(([, network]) => inNetwork(address, network))?.[0] ?? 'reserved'
}

/** RFC 5214: under any prefix, an interface identifier of 0000:5efe or 0200:5efe and then an IPv4 address. */
function isIsatap(address: Address): boolean {
  return (
    address.kind() === 'ipv6' &&
    (address.toByteArray()[8]! & 0xfd) === 0 &&
    address.toByteArray().slice(9, 12).join() === '0,94,254'
  )
}
