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

/** For what adds to Redis itself. Its default is in `settings.ts`. */
export const ackReplicasFlag = {
  'ack-replicas': string({
    description: 'Answer an add only when so many replicas of Redis have it. [default: 0; env: TORQUE_ACK_REPLICAS]',
    helpValue: 'N',
  }),
}

/** In place of oclif's own, which says no more than its name. */
export const jsonFlag = {
  json: boolean({
    description: 'Print one JSON document: the result on stdout, or an error on stderr.',
    helpGroup,
  }),
}

/** What `-q` stands for where it is not given differs by command. */
export const queueFlag = (description: string) => ({
  queue: string({char: 'q', description, helpValue: 'NAME', helpGroup}),
})

/** Flags as `openStore` takes them. */
export interface RedisFlags {
  redis?: string | undefined
  namespace?: string | undefined
}
