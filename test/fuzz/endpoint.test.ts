import fc from 'fast-check'
import {once} from 'node:events'
import {connect} from 'node:net'
import {describe, expect, it} from 'vitest'

import {readForm} from '../../src/http/form.js'
import {openEndpoint} from '../support/endpoint.js'
import {type ToldTask, differences} from './read-back.js'
import {rounds, timeLimit} from './rounds.js'
import {type MeantFields, anyFields, formText, goodFields, mutatedRequest} from './task-requests.js'

const timeouts = {headersMs: 300, requestMs: 300, checkEveryMs: 20}
const open = () => openEndpoint({timeouts})
type Opened = Awaited<ReturnType<typeof open>>

/** What a server may say to whatever comes. */
const isFine = (status: number) => (status >= 200 && status < 300) || (status >= 400 && status < 500) || status === 503

async function toldOf({ask}: Opened, {id, queue}: {id: string; queue: string}): Promise<{task: ToldTask; text: string}> {
  const {status, body, text} = await ask(`/tasks/${id}?queue=${queue}`)
  expect(status).toBe(200)
  return {task: body as ToldTask, text}
}

/** What was added is as it was sent. */
async function expectKept(opened: Opened, fields: MeantFields, added: {id: string; queue: string}): Promise<void> {
  const {task, text} = await toldOf(opened, added)
  expect(differences(fields, task, text)).toEqual([])
}

/** The answers to bytes over a connection of their own: status and body each. */
async function answersTo(port: number, bytes: Uint8Array): Promise<{status: number; body: string}[]> {
  const socket = connect({port, host: '127.0.0.1', allowHalfOpen: true})
  const chunks: Buffer[] = []
  socket
    .on('data', (chunk) => chunks.push(chunk))
    .on('end', () => socket.end())
    .on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  return splitAnswers(Buffer.concat(chunks))
}

function splitAnswers(bytes: Buffer): {status: number; body: string}[] {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return []
  const head = bytes.toString('latin1', 0, end)
  const status = Number(head.split(' ')[1])
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
  const rest = bytes.subarray(end + 4 + length)
  return [{status, body: bytes.toString('utf8', end + 4, end + 4 + length)}, ...splitAnswers(rest)]
}

/** The fields that a request's bytes hold, as a browser would read them: query string and body, of which the last wins. */
function fieldsIn(bytes: Buffer): MeantFields {
  const [head, body] = split(bytes.toString('latin1').replace(/^[\r\n]+/, ''), '\r\n\r\n')
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? body.length)
  const query = /^\S+ [^ ?]*\?(\S*)/.exec(head)?.[1] ?? ''
  const pairs = [query, Buffer.from(body.slice(0, length), 'latin1').toString('utf8')].flatMap((form) => [
    ...new URLSearchParams(form),
  ])
  return Object.fromEntries(pairs)
}

/** Several requests in a row are judged each for itself; which of them an answer is for is not worth finding out here. */
const isOne = (bytes: Buffer) => bytes.toString('latin1').split(' HTTP/1.').length === 2

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)]
}

describe('the form reader', () => {
  it('reads what a browser reads, or refuses', {timeout: timeLimit}, () => {
    const forms = fc.oneof(
      fc.string({unit: 'binary', maxLength: 60}),
      fc.string({unit: fc.constantFrom('%', '&', '=', '+', '2', '0', 'c3', 'a9', 'F', 'é', '\0', 'a'), maxLength: 30}),
    )

    fc.assert(
      fc.property(forms, (text) => {
        const fields = refusedOr(() => readForm(text))
        // A question mark in front is no part of a form, for URLSearchParams.
        if (fields !== 'invalid_request') expect(fields).toEqual([...new URLSearchParams(`?${text}`)])
      }),
      rounds(2_000),
    )
  })
})

function refusedOr<T>(read: () => T): T | string {
  try {
    return read()
  } catch (error) {
    return (error as {code: string}).code
  }
}

describe('the endpoint', () => {
  it('keeps a good task as it was sent, through each door', {timeout: timeLimit}, async () => {
    const opened = await open()
    const {ask, bugs} = opened
    const form = 'application/x-www-form-urlencoded'
    const doors = {
      form: (fields: MeantFields) => ask('/hooks/add', {body: formText(fields), headers: {'content-type': form}}),
      query: (fields: MeantFields) => ask(`/hooks/add?${formText(fields)}`, {method: 'POST'}),
      json: (fields: MeantFields) => ask('/hooks/add', {json: fields}),
      tasks: ({json, ...fields}: MeantFields) =>
        ask('/tasks', {
          body: `{${json === undefined ? '' : `"json":${json},`}${JSON.stringify(fields).slice(1)}`,
          headers: {'content-type': 'application/json'},
        }),
    }

    await fc.assert(
      fc.asyncProperty(goodFields, fc.constantFrom('form', 'query', 'json', 'tasks'), async (fields, door) => {
        // As a string, JSON is what its text says; as a value it is that.
        if (door === 'json' && fields['json'] !== undefined) return
        const {status, body} = await doors[door](fields)
        expect([status, body.error]).toEqual([door === 'tasks' ? 201 : 200, undefined])
        await expectKept(opened, fields, body)
      }),
      rounds(60),
    )
    expect(bugs).toEqual([])
  })

  it('takes fields of any kind or says no, and queues nothing then', {timeout: timeLimit}, async () => {
    const opened = await open()
    const {ask, bugs, tasks} = opened

    await fc.assert(
      fc.asyncProperty(anyFields, async (fields) => {
        const before = tasks.length
        const {status, body} = await ask('/hooks/add', {form: fields})
        expect(isFine(status)).toBe(true)
        if (status >= 300)
          expect([tasks.length - before, body.error?.code.length]).toEqual([status === 409 ? 1 : 0, expect.any(Number)])
        else if (!body.duplicate) await expectKept(opened, wellFormed(fields), body)
      }),
      rounds(120),
    )
    expect(bugs).toEqual([])
  })

  it('answers any bytes by 2xx or 4xx, or closes, and what it takes is what they say', {timeout: timeLimit}, async () => {
    const opened = await open()
    const {port, bugs, ask} = opened

    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          mutatedRequest,
          fc.uint8Array({maxLength: 200}).map((bytes) => Buffer.from(bytes)),
        ),
        async (bytes) => {
          for (const {status, body} of await answersTo(port, bytes)) {
            expect(isFine(status) || status === 100).toBe(true)
            const {id, queue} = body === '' ? {} : (JSON.parse(body) as {id?: string; queue?: string})
            if (status < 300 && id !== undefined && isOne(bytes)) await expectKept(opened, fieldsIn(bytes), {id, queue: queue!})
          }
        },
      ),
      rounds(100),
    )
    expect(bugs).toEqual([])
    expect((await ask('/healthz')).status).toBe(200)
  })

  it('says of each of a batch what became of it', {timeout: timeLimit}, async () => {
    const {ask, bugs} = await open()
    const value = fc.oneof(
      goodFields.map(({json: _json, ...fields}) => JSON.stringify(fields)),
      anyFields.map((fields) => JSON.stringify(fields)),
      fc.json(),
      fc.constantFrom(
        '{"url":"http://h/","url":"http://h/"}',
        '{"__proto__":{"url":"http://h/"}}',
        '{"url":"http://h/","json":NaN}',
      ),
    )

    await fc.assert(
      fc.asyncProperty(fc.array(value, {maxLength: 8}), fc.boolean(), async (texts, asLines) => {
        const [type, body] = asLines ? ['application/x-ndjson', texts.join('\n')] : ['application/json', `[${texts.join(',')}]`]
        const {status, list} = await ask('/tasks', {body, headers: {'content-type': type}})
        expect([status, status < 300 ? list.length : texts.length]).toEqual([status < 300 ? 200 : 400, texts.length])
      }),
      rounds(60),
    )
    expect(bugs).toEqual([])
  })
})

/** What leaves a browser: halves of surrogate pairs are replaced. */
function wellFormed(fields: MeantFields): MeantFields {
  return Object.fromEntries(new URLSearchParams(fields))
}
