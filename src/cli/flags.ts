import {boolean, help, string} from '@oclif/core/flags'

const helpGroup = 'GLOBAL'

/** What every command takes. */
export const commonFlags = {
  'no-color': boolean({description: 'Print without colour.', default: false, helpGroup}),
  help: help({char: 'h', description: 'Show what this command does and takes.', helpGroup}),
}

/** What every command takes that talks to Redis. Their defaults are in `settings.ts`. */
export const redisFlags = {
  redis: string({
    description: 'Redis to use; without one, the private Redis of `torque serve`. [env: TORQUE_REDIS_URL, REDIS_URL]',
    helpValue: 'URL',
    helpGroup,
  }),
  namespace: string({
    description: 'Prefix of all keys in Redis. [default: torque; env: TORQUE_NAMESPACE]',
    helpValue: 'NAME',
    helpGroup,
  }),
}

export const queueFlag = {
  queue: string({char: 'q', description: 'Queue to work on.', helpValue: 'NAME', helpGroup}),
}

/** Flags as `openStore` takes them. */
export interface RedisFlags {
  redis?: string | undefined
  namespace?: string | undefined
}
