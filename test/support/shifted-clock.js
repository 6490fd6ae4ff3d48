/*
 * Imported by a process before anything else: its wall clock is wrong by TORQUE_TEST_SHIFT_MS, and jumps back by as much twice over
 * at each SIGUSR2. Its monotonic clock is right, as a real one is.
 */
const RealDate = Date
let shiftMs = Number(process.env['TORQUE_TEST_SHIFT_MS'])

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shiftMs)
    else super(...args)
  }

  static now() {
    return RealDate.now() + shiftMs
  }
}

process.on('SIGUSR2', () => (shiftMs = -shiftMs))
