/** The same posts by a bare undici loop: what the machine and the sandbox can do without any product. */
import { Agent } from 'undici'
import { signInAll, textOf, warmUpCount } from './accounts.ts'
import { createPost } from './post.ts'

export type BareInput = { apiUrl: string; leg: string; count: number; concurrency: number }

const { apiUrl, leg, count, concurrency } = JSON.parse(process.argv[2] ?? '') as BareInput
const accounts = await signInAll(apiUrl, leg)
const dispatcher = new Agent({ connections: concurrency, pipelining: 1 })
let next = 0
let end = warmUpCount

async function loop(): Promise<void> {
  while (next < end) {
    const index = next
    next += 1
    const account = accounts[index % accounts.length]
    if (account) await createPost(apiUrl, account, textOf(index), dispatcher)
  }
}

await Promise.all(Array.from({ length: concurrency }, loop))
end += count
const cpuBefore = process.cpuUsage()
const startedAt = performance.now()
await Promise.all(Array.from({ length: concurrency }, loop))
const seconds = (performance.now() - startedAt) / 1_000
const cpu = process.cpuUsage(cpuBefore)
const answer = { perSecond: count / seconds, cpuPer1000: (cpu.user + cpu.system) / 1_000 / count }
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0))
