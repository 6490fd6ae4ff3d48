import {string} from '@oclif/core/flags'

const helpGroup = 'SCHEDULE'

/** When a schedule ticks. Their values are checked where every schedule is: here they are text. */
export const ticksFlags = {
  cron: string({
    description: "When: a cron expression, such as '*/5 * * * *' or @daily; six fields begin with seconds.",
    helpValue: 'EXPRESSION',
    exclusive: ['every'],
    helpGroup,
  }),
  tz: string({description: 'Whose clocks --cron goes by. [default: UTC]', helpValue: 'ZONE', dependsOn: ['cron'], helpGroup}),
  every: string({description: 'When: again and again after this long, 1s at least.', helpValue: 'DURATION', helpGroup}),
}

/** What it does about ticks that came while nobody was there, and about a task that has not ended. */
export const policyFlags = {
  'catch-up': string({
    description: 'Ticks that were missed: one task for all of them, a task for each (all), or none. [default: one]',
    helpValue: 'one|all|none',
    helpGroup,
  }),
  overlap: string({
    description: 'A tick whose last task has not ended: add another (allow), or skip it. [default: allow]',
    helpValue: 'allow|skip',
    helpGroup,
  }),
}
