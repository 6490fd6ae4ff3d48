/** For `expect.poll`: often enough to be quick, long enough for a machine with much else to do. */
export const patiently = {timeout: 15_000, interval: 20}
