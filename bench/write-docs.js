// Writes the results that were saved last into the docs. With --check it only looks, and fails where they are not there.
import {writeDocs} from './lib/docs.js'

const check = process.argv.includes('--check')
const changed = writeDocs({check})
for (const page of changed)
  console.log(check ? `${page} is not what results.json makes it: run \`node bench/write-docs.js\`` : page)
if (check && changed.length > 0) process.exitCode = 1
