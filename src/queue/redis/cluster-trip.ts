import type {Command, Redis} from 'ioredis'

import {connected, type ClusterNodes} from './cluster-nodes.js'
import {redirectedTo} from './cluster-slots.js'

/** Nodes that send a command round among themselves do not agree yet who has the slot. */
const mostRedirections = 5

/** While a slot is being moved its commands are tried again every so often, and for so long in all, in ms. */
const tryAgainEveryMs = 50
const tryAgainForMs = 1_000

/**
 * One command on its way through a cluster. It goes on to another node only when a node has said that it did nothing: MOVED, ASK
 * and TRYAGAIN. One whose connection is lost, or that is not answered in time, is never sent again.
 */
export class Trip {
  readonly #command: Command
  readonly #nodes: ClusterNodes
  readonly #reject: (error: Error) => void
  readonly #startedAt = performance.now()
  #redirections = 0
  /** Sent, and not answered. */
  #isOut = false
  #node: Redis | undefined

  constructor(command: Command, {nodes, timeoutMs}: {nodes: ClusterNodes; timeoutMs: number | undefined}) {
    this.#command = command
    this.#nodes = nodes
    this.#reject = command.reject
    command.reject = (error) => this.#refused(error)
    // For the whole of it, however many nodes it meets.
    if (timeoutMs !== undefined) command.setTimeout(timeoutMs)
  }

  start(): void {
    // Null for a command without a key, whatever its type says.
    const slot = this.#command.getSlot() as number | null
    this.#sendTo(slot === null ? this.#nodes.any : this.#nodes.ofSlot(slot))
  }

  #sendTo(node: Redis | undefined, {asking = false} = {}): void {
    // Given up meanwhile: whoever waited for it was told that it was not sent.
    if (this.#command.isSettled) return
    if (!node) this.#failUnsent()
    else if (node.status === 'ready') this.#write(node, asking)
    else if (['wait', 'connecting', 'connect'].includes(node.status)) void connected(node).then(() => this.#arrive(node, asking))
    else this.#failUnsent()
  }

  /** At a node whose connection was just being made. */
  #arrive(node: Redis, asking: boolean): void {
    if (node.status === 'ready') this.#sendTo(node, {asking})
    else if (!this.#command.isSettled) this.#failUnsent()
  }

  #write(node: Redis, asking: boolean): void {
    this.#node = node
    this.#isOut = true
    if (asking) void node.asking().catch(() => {})
    node.sendCommand(this.#command)
  }

  #refused(error: Error): void {
    if (this.#command.isSettled) return
    const wasOut = this.#isOut
    this.#isOut = false
    const [word, slot = '', address = ''] = error.message.split(' ')
    if (word === 'MOVED' && this.#mayGoOn())
      return this.#sendTo(this.#nodes.moved(Number(slot), redirectedTo(address, this.#node!)))
    if (word === 'ASK' && this.#mayGoOn()) return this.#sendTo(this.#nodes.at(redirectedTo(address, this.#node!)), {asking: true})
    if (word === 'TRYAGAIN' && performance.now() - this.#startedAt < tryAgainForMs) return this.#tryAgain()
    // A node that fails, hangs or knows no better: others may have its slots by now.
    this.#nodes.refresh()
    if (wasOut) this.#reject(error)
    else this.#failUnsent()
  }

  #mayGoOn(): boolean {
    this.#redirections += 1
    return this.#redirections <= mostRedirections
  }

  #tryAgain(): void {
    this.#redirections = 0
    setTimeout(() => this.#command.isSettled || this.start(), tryAgainEveryMs)
  }

  /** In ioredis's words for a command that did not leave this process. */
  #failUnsent(): void {
    this.#nodes.refresh()
    this.#reject(new Error("Stream isn't writeable: the node that has this slot is not reachable"))
  }
}
