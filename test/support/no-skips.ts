import type {Reporter, TestCase, TestModule} from 'vitest/node'

/** Fails a run that left out a test: where it is used, all that tests ask for is in place, but for the rights of root where nobody has them. */
export class NoSkips implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const names = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].filter((test) => !lacksRoot(test)).map((test) => nameOf(module, test)),
    )
    if (names.length === 0) return
    process.stderr.write(`\nSkipped, which fails a run under CI:\n  ${names.join('\n  ')}\n`)
    process.exitCode = 1
  }
}

/** The reason stands in the test's name, or was given when it skipped itself. */
function lacksRoot(test: TestCase): boolean {
  const {note = ''} = test.result() as {note?: string}
  return process.getuid?.() !== 0 && /\broot\b/.test(test.fullName + note)
}

function nameOf({relativeModuleId}: TestModule, {fullName}: {fullName: string}): string {
  return `${relativeModuleId}: ${fullName}`
}
