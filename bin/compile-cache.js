// Node can keep what it has compiled, from version 22 on. Not below /tmp, where it would by itself: others may write there, and
// what it finds is run. So: in a cache directory that is the user's own, where there is one.
const fs = require('node:fs')
const {enableCompileCache} = require('node:module')
const path = require('node:path')
const {env} = process

const caches = env.XDG_CACHE_HOME || (env.HOME && path.join(env.HOME, '.cache'))
if (enableCompileCache && caches && isOwn(caches)) enableCompileCache(path.join(caches, 'torque'))

function isOwn(directory) {
  try {
    return fs.statSync(directory).uid === process.getuid?.()
  } catch {
    return false
  }
}
