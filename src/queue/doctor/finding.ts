/** `error`: tasks are stuck, or will be lost. `warning`: it may come to that. `note`: good to know. */
export const findingLevels = ['error', 'warning', 'note'] as const
export type FindingLevel = (typeof findingLevels)[number]

/** Something about a Redis, or about what torque keeps there, that its operator should know. */
export interface Finding {
  level: FindingLevel
  /** A stable word for it, listed in docs/cli.md. */
  code: string
  message: string
  /** What to do about it. */
  remedy: string
}
