import {ReplyError} from 'ioredis'
import {describe, expect, it} from 'vitest'

import {TorqueError} from '../../../src/errors.js'
import {redisError, unsent} from '../../../src/queue/redis/redis-error.js'
import {openTestStore} from '../../support/open-store.js'

const reply = (message: string): unknown => new ReplyError(message)
const withCode = (message: string, code: string) => Object.assign(new Error(message), {code})

describe('redisError', () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'."],
    ["ERR Error running script (call to f_1): @user_script:7: -OOM command not allowed when used memory > 'maxmemory'."],
  ])('is queue_full where Redis is at its limit: %s', (message) => {
    expect(redisError(reply(message))).toMatchObject({code: 'queue_full', status: 503})
  })

  it.each([
    'LOADING Redis is loading the dataset in memory',
    'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    "READONLY You can't write against a read only replica.",
    "ERR Error running script (call to f_1): @user_script:7: -READONLY You can't write against a read only replica.",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'CLUSTERDOWN The cluster is down',
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.',
    'NOREPLICAS Not enough good replicas to write.',
    'NOAUTH Authentication required.',
    'WRONGPASS invalid username-password pair or user is disabled.',
    "NOPERM this user has no permissions to run the 'evalsha' command",
  ])('is redis_unavailable where Redis refused before it did anything: %s', (message) => {
    expect(redisError(reply(message))).toMatchObject({code: 'redis_unavailable', status: 503})
  })

  it.each([
    "Stream isn't writeable and enableOfflineQueue options is false",
    'connect ECONNREFUSED 127.0.0.1:6379',
    'connect ENOENT /run/redis.sock',
    'connect EACCES /run/redis.sock',
    'getaddrinfo ENOTFOUND redis.test',
    'connect ETIMEDOUT',
  ])('is redis_unavailable where nothing was sent: %s', (message) => {
    expect(redisError(new Error(message))).toMatchObject({code: 'redis_unavailable'})
  })

  it.each([
    [new Error('Command timed out')],
    [new Error('Connection is closed.')],
    [new Error('Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.')],
    [withCode('read ECONNRESET', 'ECONNRESET')],
    [withCode('write EPIPE', 'EPIPE')],
    [withCode('read EHOSTUNREACH', 'EHOSTUNREACH')],
    [new Error('words that no version of ioredis had yet')],
  ])('is outcome_unknown where the command was on its way: %s', (error) => {
    expect(redisError(error)).toMatchObject({code: 'outcome_unknown', status: 503, cause: error})
  })

  it('tells our patience from a connection that was cut', () => {
    const [late, cut] = [redisError(new Error('Command timed out')), redisError(withCode('read ECONNRESET', 'ECONNRESET'))]

    expect(late).toMatchObject({message: 'Redis did not answer in time'})
    expect(cut).toMatchObject({message: 'the connection to Redis was lost before it answered'})
  })

  it.each([
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'ERR user_script:9: attempt to index a nil value',
  ])('is internal for what only a bug or foreign data can cause: %s', (message) => {
    expect(redisError(reply(message))).toMatchObject({code: 'internal', status: 500})
  })

  it('leaves an error of torque as it is', () => {
    const error = new TorqueError('invalid_cursor', 'no')

    expect(redisError(error)).toBe(error)
  })

  it.each([new TypeError('x is undefined'), new RangeError('Maximum call stack size exceeded'), 'text'])(
    'leaves what Redis has nothing to do with as it is: %s',
    (bug) => {
      expect(redisError(bug)).toBe(bug)
      expect(unsent(bug)).toBe(bug)
    },
  )

  it('knows the replies of a real Redis', async () => {
    const {store, namespace} = await openTestStore()
    await store.redis.set(`${namespace}:text`, 'text')

    const error: unknown = await store.redis.zcard(`${namespace}:text`).catch((cause: unknown) => cause)

    expect(redisError(error)).toMatchObject({code: 'internal', cause: error})
  })
})

describe('unsent', () => {
  it('knows the outcome where what matters was never sent', () => {
    expect(unsent(redisError(new Error('Command timed out')))).toMatchObject({code: 'redis_unavailable'})
  })

  it('leaves all other errors as they are', () => {
    const error = new TorqueError('queue_full', 'full')

    expect(unsent(error)).toBe(error)
  })
})
