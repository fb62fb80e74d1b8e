/** The simulated networks in a process of their own, kept in memory. Answers with its address. */
import { startSandbox } from '#sandbox/serve.ts'

const { url } = await startSandbox({ host: '127.0.0.1', port: 0, folder: null })
process.stdout.write(`${JSON.stringify({ url })}\n`)
