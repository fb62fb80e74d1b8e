/** How long a page of posts takes among 10,000, against a bare Fastify route that answers the same bytes. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import type { ApiAnswer } from './api-process.ts'
import { type Backend, backendEnv } from './backends.ts'
import { median, type Part, percentile } from './figures.ts'
import { helper } from './processes.ts'

const perBlock = 100

export async function measureApi(backend: Backend, isShort: boolean): Promise<Part> {
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-bench-'))
  const { answer, stop } = await helper<ApiAnswer>(
    'api-process.ts',
    {},
    {
      ...(await backendEnv(backend)),
      LITFASS_DATA_DIR: dataDir,
      LITFASS_PORT: '0',
      LITFASS_ROLES: 'serve',
      LITFASS_SANDBOX: 'off',
      LITFASS_API_LIMIT: '0',
    },
  )
  try {
    return partOf(backend, await sample(answer, isShort ? 2 : 10))
  } finally {
    await stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

type Samples = { own: number[]; bare: number[] }

/** One after the other and in turns, after a block of each that does not count. */
async function sample({ url, bareUrl, apiKey }: ApiAnswer, blocks: number): Promise<Samples> {
  const dispatcher = new Agent({ connections: 1 })
  const times = async (address: string) => {
    const taken: number[] = []
    for (let index = 0; index < perBlock; index += 1) {
      const startedAt = performance.now()
      const answer = await request(address, { dispatcher, headers: { authorization: `Bearer ${apiKey}` } })
      await answer.body.text()
      if (answer.statusCode !== 200) throw new Error(`${address} answered ${answer.statusCode}`)
      taken.push(performance.now() - startedAt)
    }
    return taken
  }
  await times(url)
  await times(bareUrl)
  const samples: Samples = { own: [], bare: [] }
  for (let block = 0; block < blocks; block += 1) {
    samples.own.push(...(await times(url)))
    samples.bare.push(...(await times(bareUrl)))
  }
  await dispatcher.close()
  return samples
}

function partOf(backend: Backend, { own, bare }: Samples): Part {
  const count = `${own.length} requests, one after the other, first page of 10,000 posts`
  return {
    title: `GET /api/v1/posts, ${backend} database`,
    figures: [
      {
        name: 'Times a bare route, p50',
        value: median(own) / median(bare),
        unit: '',
        detail: count,
      },
      { name: 'Posts, p50', value: median(own), unit: 'ms', detail: 'key checked in the database each time' },
      { name: 'Posts, p99', value: percentile(own, 99), unit: 'ms' },
      {
        name: 'Bare route, p50',
        value: median(bare),
        unit: 'ms',
        detail: 'Fastify, the same answer as an object',
      },
      { name: 'Bare route, p99', value: percentile(bare, 99), unit: 'ms' },
    ],
  }
}
