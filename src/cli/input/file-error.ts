const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
}

/** Why a file cannot be read. Node's own message names the file once more, and so do we. */
export function fileProblem(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException
  return reasons[code ?? ''] ?? message.replace(/, \w+( '.*')?$/, '')
}
