import type {FastifyRequest} from 'fastify'

import {TorqueError} from '../errors.js'

/** Errors of fastify that a client can cause. */
const told: Record<string, [ConstructorParameters<typeof TorqueError>[0], string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'the body is too large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'the content-type cannot be read'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_request', 'the body is not as long as content-length says'],
  FST_ERR_BAD_URL: ['invalid_request', 'the path is not percent-encoded UTF-8'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'nothing has so long a name'],
}

/** The error to answer with, for whatever was thrown; null where it is a bug of ours, which the client is told nothing about. */
export function failureOf(error: unknown, limitBytes: number): TorqueError | null {
  if (error instanceof TorqueError) return error.status === 500 ? null : error
  const known = told[codeOf(error)]
  if (!known) return null
  const [code, message] = known
  return new TorqueError(code, code === 'too_large' ? `${message}: at most ${limitBytes} bytes here` : message)
}

/** True where the client went away in the middle of its request: nobody is left to answer. */
export function isAbort(error: unknown, {raw}: FastifyRequest): boolean {
  return raw.destroyed && !raw.complete && ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes(codeOf(error))
}

function codeOf(error: unknown): string {
  return String((error as {code?: unknown} | null)?.code)
}
