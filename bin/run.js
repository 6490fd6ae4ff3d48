#!/usr/bin/env node
// CommonJS, as package.json beside it says: Node starts that 4 ms sooner.
const path = require('node:path')

require('./compile-cache.js')
require('../dist/bundle/torque.cjs').main(path.join(__dirname, '..'))
