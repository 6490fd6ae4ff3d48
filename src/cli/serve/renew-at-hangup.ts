import type {Logger} from '../../log.js'
import {type SecretFlags, hasSecretFiles, readCertificate, readTokens} from './serve-access.js'
import {readSigningSecrets} from './signing-secrets.js'

/** What is read again. */
export interface Secrets {
  tokens: ReturnType<typeof readTokens>
  certificate: ReturnType<typeof readCertificate>
  signing: ReturnType<typeof readSigningSecrets>
}

export interface RenewOptions {
  env: NodeJS.ProcessEnv
  renew: (secrets: Secrets) => void
  log: Logger
}

/** At SIGHUP, files of tokens, certificates and signing secrets are read again. Where there are none it ends the process, as ever. */
export function renewAtHangup(flags: SecretFlags, {env, renew, log}: RenewOptions): void {
  if (!hasSecretFiles(flags)) return
  process.on('SIGHUP', () => {
    try {
      const signing = readSigningSecrets(flags, env)
      renew({tokens: readTokens(flags, env), certificate: readCertificate(flags), signing})
      log.info({}, 'tokens, certificate and signing secrets have been read again')
    } catch (error) {
      log.error({err: error}, 'tokens, certificate and signing secrets cannot be read again: the old ones stay')
    }
  })
}
