import type {Reporter, TestModule} from 'vitest/node'

/** Fails a run that left out a test: where it is used, all that tests ask for is in place. */
export class NoSkips implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const names = modules.flatMap((module) => [...module.children.allTests('skipped')].map((test) => nameOf(module, test)))
    if (names.length === 0) return
    process.stderr.write(`\nSkipped, which fails a run under CI:\n  ${names.join('\n  ')}\n`)
    process.exitCode = 1
  }
}

function nameOf({relativeModuleId}: TestModule, {fullName}: {fullName: string}): string {
  return `${relativeModuleId}: ${fullName}`
}
