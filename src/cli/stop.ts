/** Running until somebody stops it. */

/**
 * The first SIGTERM or SIGINT. Ctrl-C comes twice where the command was handed over to another Node, so a
 * second one ends the process only a second later.
 */
export function untilStopped(): Promise<void> {
  let stoppedAt = 0
  return new Promise((resolve) => {
    const stop = () => {
      if (stoppedAt !== 0 && Date.now() - stoppedAt > 1_000) process.exit(1)
      stoppedAt ||= Date.now()
      resolve()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
}
