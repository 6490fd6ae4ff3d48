import {within} from '../../settled-within.js'
import {type RedisClient, connect} from './connect.js'
import {redisError, unsent} from './redis-error.js'
import {isOneServer} from './redis-url.js'

export interface Subscription {
  stop(): void
}

export interface SubscribeOptions {
  redisUrl: string
  /** The connection for commands. Where that one goes to another server, so does this. */
  beside: RedisClient
  channel: string
  heard: (message: string) => void
  /** It listens again, after a while in which it could not. */
  missed?: (() => void) | undefined
}

/** A Redis that takes a subscription and never answers would hold up the start, and the stop, of a `serve`. */
const subscribedMs = 3_000

/** Listens to one channel over a connection of its own, and goes on until it is stopped. Throws `redis_unavailable`. */
export async function subscribe({redisUrl, beside, channel, heard, missed}: SubscribeOptions): Promise<Subscription> {
  const subscriber = await connect(redisUrl, 'subscriber', {known: beside.addresses?.()})
  const listen = () => within(subscribedMs, subscriber.subscribe(channel))
  subscriber.on('message', (_channel: string, message: string) => heard(message))
  try {
    await listen()
  } catch (error) {
    subscriber.disconnect()
    throw unsent(redisError(error))
  }
  // Where that fails the connection ends, and is made again.
  subscriber.on('ready', () => void listen().then(missed, () => subscriber.disconnect(true)))
  // Where another server has taken over, the one that is listened to may hang, and nobody would say so.
  const follow = () => subscriber.disconnect(true)
  if (!isOneServer(redisUrl)) beside.on('ready', follow)
  return {
    stop: () => {
      beside.off('ready', follow)
      subscriber.disconnect()
    },
  }
}
