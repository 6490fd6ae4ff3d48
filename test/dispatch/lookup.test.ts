import {mkdtempSync, rmSync, utimesSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'

import {NameLookup} from '../../src/dispatch/lookup.js'
import {openNameServer} from '../support/name-server.js'

function writeHosts(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'torque-'))
  onTestFinished(() => rmSync(dir, {recursive: true}))
  const path = join(dir, 'hosts')
  writeFileSync(path, text)
  return path
}

describe('lookup', () => {
  it.each(['localhost', 'localhost.', 'app.localhost'])('knows by itself that %s is this machine', async (name) => {
    const {address, questions} = await openNameServer({})

    expect(await new NameLookup({dnsServers: [address]}).addresses(name)).toEqual(['127.0.0.1', '::1'])
    expect(questions).toEqual([])
  })

  it('takes the hosts file before any name server', async () => {
    const {address, questions} = await openNameServer({'db.test': ['127.0.0.9']})
    const hostsFile = writeHosts('# comment\n127.0.0.5\tDB.test db # the database\n::1 db\nfe80::1%eth0 db\nnonsense db\n')
    const names = new NameLookup({dnsServers: [address], hostsFile})

    expect(await names.addresses('db.test')).toEqual(['127.0.0.5'])
    expect(await names.addresses('db')).toEqual(['127.0.0.5', '::1'])
    expect(questions).toEqual([])
  })

  it('reads the hosts file again when it has changed', async () => {
    const hostsFile = writeHosts('127.0.0.5 one.test\n')
    const {address} = await openNameServer({})
    const names = new NameLookup({dnsServers: [address], hostsFile})
    await names.addresses('one.test')

    writeFileSync(hostsFile, '127.0.0.6 two.test\n')
    utimesSync(hostsFile, 1, 1)

    expect(await names.addresses('two.test')).toEqual(['127.0.0.6'])
  })

  it('asks for both families, IPv4 first in the answer', async () => {
    const {address} = await openNameServer({'both.test': ['fd00::1', '127.0.0.1', '127.0.0.2'], 'six.test': ['fd00::2']})
    const names = new NameLookup({dnsServers: [address]})

    expect(await names.addresses('both.test')).toEqual(['127.0.0.1', '127.0.0.2', 'fd00::1'])
    expect(await names.addresses('six.test')).toEqual(['fd00::2'])
  })

  it('keeps an answer and a failure for a moment, with and without the dot at its end', async () => {
    const {address, questions} = await openNameServer({'hook.test': ['127.0.0.1']})
    const names = new NameLookup({dnsServers: [address]})

    await Promise.all([names.addresses('hook.test'), names.addresses('hook.test.')])
    await names.addresses('hook.test')
    await expect(names.addresses('gone.test')).rejects.toThrow('no such name')
    await expect(names.addresses('gone.test')).rejects.toThrow('no such name')

    expect(questions.filter((name) => name === 'hook.test')).toHaveLength(2)
    expect(questions.filter((name) => name === 'gone.test')).toHaveLength(2)
  })

  it('answers for one name while many others hang', async () => {
    const slow = Array.from({length: 20}, (_, i) => `slow${i}.test`)
    const {address} = await openNameServer({
      'hook.test': ['127.0.0.1'],
      ...Object.fromEntries(slow.map((name) => [name, 'silent'])),
    })
    const names = new NameLookup({dnsServers: [address], timeoutMs: 2000})
    let hanging = slow.length
    const hung = slow.map((name) => names.addresses(name).catch(() => hanging--))

    expect(await names.addresses('hook.test')).toEqual(['127.0.0.1'])
    expect(hanging).toBe(20)
    await Promise.all(hung)
  })

  it('is over at its deadline', async () => {
    const {address} = await openNameServer({'slow.test': 'silent'})

    await expect(new NameLookup({dnsServers: [address], timeoutMs: 200}).addresses('slow.test')).rejects.toThrow(
      'no answer from a name server in time',
    )
  })

  it('says when there is no name server', async () => {
    const names = new NameLookup({dnsServers: ['127.0.0.1:1'], timeoutMs: 2000})

    await expect(names.addresses('hook.test')).rejects.toThrow(/no name server to ask|in time/)
  })

  it("can ask the system's resolver instead", async () => {
    const names = new NameLookup({systemDns: true, dnsServers: ['127.0.0.1:1']})

    // A literal is the one name every resolver knows.
    expect(await names.addresses('127.0.0.1')).toEqual(['127.0.0.1'])
  })
})
