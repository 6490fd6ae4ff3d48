#!/usr/bin/env node
import '../dist/cli/guard-streams.js'
import {execute} from '@oclif/core/execute'
await execute({dir: import.meta.url})
