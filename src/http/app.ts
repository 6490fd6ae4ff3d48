import type {RequestListener, Server} from 'node:http'
import fastify, {type FastifyInstance, type FastifyReply, type FastifyRequest} from 'fastify'

import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'
import {type Answer, errorAnswer, send} from './answer.js'
import {failureOf, isAbort} from './failure.js'
import {type Certificate, type IntakeOptions, createIntake, pathOf} from './intake.js'
import {bodyLimits} from './limits.js'
import {type Route, adapt, allowedMethods, bodyLimitOf} from './route.js'

/** Where bugs are told. */
export interface EndpointLog {
  error(details: object, message: string): void
}

export interface AppOptions extends Omit<IntakeOptions, 'bodyLimitOf'> {
  routes: readonly Route[]
  log: EndpointLog
  stopping: () => boolean
  /** Of what listens on a port: plain HTTP without it. */
  certificate?: Certificate | undefined
}

/** The app, and another way to its routes. */
export interface App {
  app: FastifyInstance
  /** All the servers there are: fastify makes one for each address of the host's name. */
  servers: Set<Server>
  /** Makes a server for the same routes, to listen on something that is no port; once the app is ready. */
  plainServer: () => Server
}

// Fastify reads the header again for each type that is not registered by its own name; the routes judge the type themselves.
const registeredTypes = ['application/x-www-form-urlencoded', 'application/json', '*']

/** The routes on a fastify that does as little as it can: bodies stay bytes, and answers go out as they are. */
export function createApp(options: AppOptions): App {
  const {routes, certificate, log} = options
  const responder = new Responder(options)
  const servers = new Set<Server>()
  const newServer = (handler: RequestListener, shown?: Certificate): Server => {
    const server = createIntake(handler, {...options, bodyLimitOf: (path) => bodyLimitOf(routes, path)}, shown)
    // Out of file descriptors, say. Without a listener the process would end; that it cannot listen is told otherwise.
    server.on('error', (error) => void (server.listening && log.error({err: error}, 'a connection was lost')))
    servers.add(server)
    return server
  }
  const app = fastify({
    // What is asked while we stop is answered as ever; its connection ends with it.
    return503OnClosing: false,
    routerOptions: {maxParamLength: 1_000, querystringParser: () => ({})},
    // There are no schemas here: fastify would load what compiles them, some hundred files and several MB.
    schemaController: {compilersFactory: {buildValidator: noCompiler, buildSerializer: noCompiler}},
    frameworkErrors: (error, _request, reply) => responder.fail(reply, error),
    // The intake answers these, and on every address.
    clientErrorHandler: () => {},
    serverFactory: (handler) => newServer(handler, certificate),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(registeredTypes, {parseAs: 'buffer'}, (_request, body, done) => done(null, body))
  for (const {method, path, bodyLimit = bodyLimits.single, handle} of routes) {
    app.route({method, url: path, bodyLimit, handler: adapt(handle, responder)})
  }
  app.setNotFoundHandler((request, reply) => responder.notFound(request, reply))
  app.setErrorHandler((error, _request, reply) => responder.fail(reply, error))
  return {app, servers, plainServer: () => newServer((request, response) => app.routing(request, response))}
}

function noCompiler(): never {
  throw new Error('no route has a schema')
}

/** What goes out: answers, and errors as answers. */
class Responder {
  readonly #options: Pick<AppOptions, 'routes' | 'log' | 'stopping'>

  constructor(options: Pick<AppOptions, 'routes' | 'log' | 'stopping'>) {
    this.#options = options
  }

  answer(reply: FastifyReply, answer: Answer): void {
    if (this.#options.stopping()) reply.raw.shouldKeepAlive = false
    send(reply.raw, answer)
  }

  fail(reply: FastifyReply, error: unknown): void {
    const {request} = reply
    if (isAbort(error, request)) return
    const failure = failureOf(error, request.routeOptions.bodyLimit ?? bodyLimits.single)
    if (!failure) this.#logBug(error, request)
    // What is too large is not read to its end.
    if (failure?.code === 'too_large') reply.raw.shouldKeepAlive = false
    this.answer(
      reply,
      errorAnswer(failure ?? new TorqueError('internal', 'something went wrong here: see the log of the server')),
    )
  }

  notFound(request: FastifyRequest, reply: FastifyReply): void {
    const path = pathOf(request.raw.url ?? '')
    const allowed = allowedMethods(this.#options.routes, path).join(', ')
    if (allowed === '') return this.fail(reply, new TorqueError('not_found', `there is nothing at ${quote(path)}`))
    const error = new TorqueError('method_not_allowed', `${quote(path)} takes ${allowed}, not ${request.method}`)
    this.answer(reply, errorAnswer(error, {allow: allowed}))
  }

  #logBug(error: unknown, {method, raw}: FastifyRequest): void {
    this.#options.log.error({err: error, method, path: pathOf(raw.url ?? '')}, 'a request failed')
  }
}
