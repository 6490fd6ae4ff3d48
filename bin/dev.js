#!/usr/bin/env -S node --import tsx
// Runs from src, without a build: for working on torque itself.
import '../src/cli/guard-streams.ts'
import {execute} from '@oclif/core/execute'
await execute({development: true, dir: import.meta.url})
