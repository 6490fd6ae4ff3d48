import {defineConfig} from 'vitest/config'

import config from './vitest.config.js'

/** For tests that need a network of their own: `test/egress/namespace.test.ts` makes it, and runs them in there. */
export default defineConfig({test: {...config.test, include: ['test/namespace/*.ts'], reporters: ['default']}})
