/** The simulated networks in a process of their own, kept in memory. Answers with its address. */
import { startSandbox } from '#sandbox/serve.ts'
import { picture } from './picture.ts'

const { url } = await startSandbox({
  host: '127.0.0.1',
  port: 0,
  folder: null,
  // The worker serves no pictures, so that nothing but the worker can die.
  fetchMedia: async () => ({ status: 200, contentType: 'image/jpeg', bytes: picture }),
})
process.on('message', () => {})
process.on('disconnect', () => process.exit(0))
process.send?.({ ready: { url } })
