import {networkInterfaces} from 'node:os'

/** The addresses of this machine: what listens on all of them is reached on each. */
export function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({address}) => address))
}
