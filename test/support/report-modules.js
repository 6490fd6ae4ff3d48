// Preloaded (`node --import`) into a program: writes the URL of every file that a process of it loads as a module into a file of
// that process in the directory REPORT_MODULES.
import {appendFileSync} from 'node:fs'
import {createRequire, register} from 'node:module'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'

const file = join(process.env['REPORT_MODULES'], String(process.pid))

const loader = `
  import {appendFileSync} from 'node:fs'
  export async function load(url, context, next) {
    appendFileSync(${JSON.stringify(file)}, url + '\\n')
    return next(url, context)
  }`
register(`data:text/javascript,${encodeURIComponent(loader)}`)

// That loader sees no module that a CommonJS one requires.
process.on('exit', () => {
  for (const path of Object.keys(createRequire(import.meta.url).cache)) appendFileSync(file, `${pathToFileURL(path).href}\n`)
})
