/** What `torque help` explains beside commands. */
export const helpTopics = ['exit-codes', 'filters'] as const
