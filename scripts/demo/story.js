// The demo's five minutes of a task queue, in ten seconds.
import {setTimeout as sleep} from 'node:timers/promises'

import {add, configure} from '../../dist/index.js'
import {arrival, chapter, command, note, output} from './screen.js'

/** How often the invoice may fail. */
const maxErrors = 3

/** Adds four tasks, shows what becomes of them, and brings the one that ended in the bin back. */
export async function tell({stage, targets, signal}) {
  const urls = await openTargets(targets)
  configure({url: stage.url, token: undefined})
  chapter('Four tasks, added in the three ways there are')
  const started = Date.now()
  await addTasks(stage, urls)
  await showArrivals({targets, started, signal})
  await showBin(stage, signal)
  await bringBack({stage, targets, urls, started, signal})
}

async function openTargets(targets) {
  const welcome = await targets.open('welcome', {})
  const report = await targets.open('report', {fail: 2})
  const invoice = await targets.open('invoice', {status: 500})
  return {welcome, reminder: await targets.open('reminder', {}), report, invoice}
}

async function addTasks(stage, urls) {
  await addByCommand(stage, `${urls.welcome}/hooks/welcome`, '--param', 'name=Ada')
  await addByForm(stage, {url: `${urls.reminder}/hooks/reminder`, params: '{"at": "noon"}', delay: '2'})
  const report = `${urls.report}/hooks/report`
  command(`await add({url: '${report}', params: {pages: 12}})   // the client library; this target fails twice`)
  output((await add({url: report, params: {pages: 12}})).id)
  await addByCommand(stage, `${urls.invoice}/hooks/invoice`, '--param', 'total=99', '--max-errors', String(maxErrors))
  note(`  (this target always fails: after ${maxErrors} errors the task is binned)`)
}

async function addByCommand(stage, ...args) {
  command(`torque add ${args.join(' ')} --quiet`)
  output(await stage.torque('add', ...args, '--quiet'))
}

async function addByForm(stage, fields) {
  const words = Object.entries(fields).map(([name, value]) => `-d '${name}=${value}'`)
  command(`curl ${stage.url}/hooks/add ${words.join(' ')}   # in 2 seconds`)
  const response = await fetch(`${stage.url}/hooks/add`, {method: 'POST', body: new URLSearchParams(fields)})
  if (!response.ok) throw new Error(`/hooks/add answered ${response.status}: ${await response.text()}`)
  output((await response.json()).id)
}

async function showArrivals({targets, started, signal}) {
  chapter('What arrives, by seconds since the first was added')
  const show = (call) => arrival({...call, seconds: (call.receivedAt - started) / 1000, remark: remarkOn(call)})
  for (const call of targets.calls) show(call)
  targets.on(show)
  const came = (calls, name, count) => calls.filter((call) => call.name === name).length >= count
  const expected = Object.entries({welcome: 1, report: 3, reminder: 1, invoice: maxErrors})
  await targets.until((calls) => expected.every(([name, count]) => came(calls, name, count)), {signal})
}

function remarkOn({name, status, attempt, form}) {
  if (status < 300) return `delivered: ${[...form].map((pair) => pair.join('=')).join(' ')}`
  return name === 'invoice' && attempt === maxErrors ? `error ${attempt} of ${maxErrors}: binned` : 'will be tried again'
}

async function showBin(stage, signal) {
  chapter('The bin')
  await until(async () => (await deadCount(stage)) === 1, signal)
  command('torque list --state dead')
  await stage.show('list', '--state', 'dead')
}

async function deadCount(stage) {
  const response = await fetch(`${stage.url}/tasks?state=dead`)
  return (await response.json()).tasks?.length
}

async function until(condition, signal) {
  while (!(await condition())) await sleep(20, undefined, {signal})
}

async function bringBack({stage, targets, urls, signal}) {
  chapter('Someone repairs that target: back with it')
  await targets.mend('invoice', urls.invoice)
  command('torque retry --all --yes')
  await stage.show('retry', '--all', '--yes')
  await targets.until((calls) => calls.some(({name, status}) => name === 'invoice' && status === 200), {signal})
}
