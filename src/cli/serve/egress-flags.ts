import {boolean, string} from '@oclif/core/flags'

const helpGroup = 'WHERE HOOKS MAY GO'

/** What of `serve` decides where its calls may go, and how they get there. */
export const egressFlags = {
  egress: string({
    description: 'Which addresses may be called.',
    options: ['internal', 'public', 'allowlist'],
    default: 'internal',
    helpGroup,
  }),
  'egress-allow': string({
    description: 'With allowlist: CIDR, host or *.domain, and maybe :port; may be given several times.',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'RULE',
    helpGroup,
  }),
  'egress-deny': string({
    description: 'The same, never to be called.',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'RULE',
    helpGroup,
  }),
  'ca-file': string({
    description: 'Certificates (PEM) to trust besides the well-known ones.',
    helpValue: 'FILE',
    helpGroup,
  }),
  'dns-server': string({
    description: "Name server to ask instead of the system's; may be given several times.",
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'ADDRESS:PORT',
    helpGroup,
  }),
  'system-dns': boolean({description: 'Look names up as other programs do.', default: false, helpGroup}),
  'base-task-url-only': boolean({
    description: 'Take and call only URLs under --base-task-url. [env: TORQUE_BASE_TASK_URL_ONLY]',
    default: false,
    helpGroup,
  }),
  'egress-proxy': string({
    description: 'HTTP proxy that all calls go through. [env: TORQUE_EGRESS_PROXY, with a password]',
    helpValue: 'URL',
    helpGroup,
  }),
}
