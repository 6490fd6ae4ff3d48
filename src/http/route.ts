import type {FastifyReply, FastifyRequest} from 'fastify'

import type {Answer} from './answer.js'
import {bodyLimits} from './limits.js'

/** Turns a request into an answer. What it throws becomes an answer too. */
export type Handler = (request: FastifyRequest, reply: FastifyReply) => Answer | Promise<Answer>

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  /** Bytes; a single task's when absent. */
  bodyLimit?: number
  handle: Handler
}

/** What becomes of an answer, and of a failure to come by one. */
export interface Responder {
  answer(reply: FastifyReply, answer: Answer): void
  fail(reply: FastifyReply, error: unknown): void
}

/** A fastify handler that costs one promise at most: adding is what the endpoint is for, and this is in its way. */
export function adapt(handle: Handler, responder: Responder) {
  return (request: FastifyRequest, reply: FastifyReply): void => {
    try {
      const result = handle(request, reply)
      if (result instanceof Promise) {
        result.then(
          (value) => responder.answer(reply, value),
          (error: unknown) => responder.fail(reply, error),
        )
      } else responder.answer(reply, result)
    } catch (error) {
      responder.fail(reply, error)
    }
  }
}

/** The methods that a path takes, for the `Allow` of a 405; empty for a path that is none of ours. */
export function allowedMethods(routes: readonly Route[], path: string): string[] {
  const methods = routes.filter((route) => matches(route.path, path)).map(({method}) => method)
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
}

/** The largest body, in bytes, that any route of this path takes. */
export function bodyLimitOf(routes: readonly Route[], path: string): number {
  const limits = routes.filter((route) => matches(route.path, path)).map(({bodyLimit = bodyLimits.single}) => bodyLimit)
  return Math.max(bodyLimits.single, ...limits)
}

function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  return (
    wanted.length === given.length && wanted.every((part, at) => (part.startsWith(':') ? given[at] !== '' : part === given[at]))
  )
}
