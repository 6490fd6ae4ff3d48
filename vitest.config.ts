import {availableParallelism} from 'node:os'

import {defineConfig} from 'vitest/config'

import {NoSkips} from './test/support/no-skips.js'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/redis-server.ts'],
    // Child processes and real sockets: slow machines need room, a hung test must still end.
    testTimeout: 20_000,
    hookTimeout: 60_000,
    disableConsoleIntercept: true,
    // A file finds the process as the one before it left it: what a test changes it puts back. A third of the time goes otherwise into
    // loading the same modules again.
    isolate: false,
    // More than there are cores: most tests wait for another process.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    reporters: process.env['CI'] ? ['default', new NoSkips()] : ['default'],
  },
})
