import type {TaskView} from '../../src/task/view.js'
import {Canary} from './canary.js'
import {NameServer, type Zone} from './name-server.js'
import {OwnRedis} from './own-redis.js'
import {ServeProcess} from './serve.js'

/** Where Redis listens in here, and the name that serves know it by. */
export const redis = {address: '10.77.0.5', name: 'redis.internal.test', port: 6379}

/** The token of those who may do everything. */
const token = 'secret'

/** Set for other programs; torque must not go by it. */
const proxies = Object.fromEntries(
  ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'].map((name) => [name, 'http://9.9.9.9:8080']),
)

/** What became of a task, and all that its producer can read of it. */
export interface Fate extends Pick<TaskView, 'id' | 'state' | 'attempt' | 'lastError'> {
  text: string
}

interface Added {
  id?: string
  error?: {code: string; message: string}
}

/** A `torque serve` in a process of its own, and its endpoint. */
export class Server {
  readonly process: ServeProcess

  constructor(namespace: string, flags: readonly string[]) {
    const args = ['-p', '0', '--redis', `redis://${redis.name}:${redis.port}`, '--namespace', namespace, ...flags]
    this.process = new ServeProcess(args, {...proxies, TORQUE_AUTH_TOKEN: token})
  }

  async start(): Promise<this> {
    await this.process.untilLogged('torque is ready')
    return this
  }

  get port(): number {
    return Number(new URL(this.process.url).port)
  }

  async stop(): Promise<void> {
    await this.process.end('SIGKILL')
  }

  async add(tasks: readonly object[]): Promise<Added[]> {
    return JSON.parse(await this.#ask('/tasks', JSON.stringify(tasks))) as Added[]
  }

  /** Adds a task and waits for its fate: one that was tried and failed has one as well. */
  async call(url: string, fields: object = {}): Promise<Fate> {
    const [{id = ''} = {}] = await this.add([{url, ...fields}])
    return this.fate(id)
  }

  async fate(id: string, states: readonly string[] = ['delivered', 'dead', 'retrying']): Promise<Fate> {
    return until(async () => {
      const text = await this.#ask(`/tasks/${id}`)
      const {state, attempt, lastError} = JSON.parse(text) as TaskView
      return states.includes(state) && {id, state, attempt, lastError, text}
    })
  }

  /** Adds tasks and waits until each has been tried; to what became of them, in their order, or the error that kept them out. */
  async callAll(urls: readonly string[]): Promise<string[]> {
    const added = await this.add(urls.map((url) => ({url})))
    const tasks = await until(async () => {
      const page = JSON.parse(await this.#ask('/tasks?limit=1000')) as {tasks: TaskView[]}
      const isTried = ({state}: TaskView) => state === 'delivered' || state === 'dead' || state === 'retrying'
      const tried = new Map(page.tasks.filter(isTried).map((task) => [task.id, task]))
      // One that moves on while the lists are read may be in none of them.
      return added.every(({id}) => id === undefined || tried.has(id)) && tried
    })
    return added.map(({id = '', error}) => {
      const task = tasks.get(id)
      return error?.code ?? task?.lastError?.code ?? task?.state ?? 'lost'
    })
  }

  async #ask(path: string, body?: string): Promise<string> {
    const headers = {authorization: `Bearer ${token}`, ...(body !== undefined && {'content-type': 'application/json'})}
    const options = body === undefined ? {headers} : {method: 'POST', headers, body}
    return (await fetch(`http://127.0.0.1:${this.port}${path}`, options)).text()
  }
}

/** Asks again and again, for as long as the test may take. */
async function until<Result>(ask: () => Promise<Result | false>): Promise<Result> {
  for (;;) {
    const result = await ask()
    if (result !== false) return result
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A network in which every address is this machine's: what listens, what names mean, and a Redis. */
export async function openWorld(zone: Zone) {
  const canary = await new Canary().listen(80, 8080)
  const names = await new NameServer(zone).listen()
  const engine = new OwnRedis(['--port', String(redis.port), '--bind', redis.address, '--protected-mode', 'no'])
  await engine.start()
  const servers: Server[] = []
  return {
    canary,
    names,
    engine,
    serve: async (namespace: string, ...flags: string[]) => {
      const server = new Server(namespace, ['--dns-server', names.address, ...flags])
      servers.push(server)
      return server.start()
    },
    close: async () => {
      await Promise.all(servers.map((server) => server.stop()))
      await engine.kill()
      await canary.close()
      names.close()
    },
  }
}

export type World = Awaited<ReturnType<typeof openWorld>>
