/** The line between one worker and the database server: it can break, stand still, or lose one statement. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createStatements } from './statements.ts'

/**
 * Statements with this text are lost, so often. `statement`: the server never gets it. `answer`: it is done and
 * committed, and the worker is not told.
 */
export type Loss = { text: string; what: 'statement' | 'answer'; times: number }

export type Line = {
  url: string
  /** Every connection is reset. */
  cut: () => void
  /** Nothing passes, and nothing closes, until `goOn`; then what waited passes. */
  standStill: () => void
  goOn: () => void
  /** Breaks at the next statements of a kind; null ends it. */
  lose: (loss: Loss | null) => void
  /** How many statements were lost since the last `lose`. */
  lost: () => number
  close: () => void
}

type Pair = {
  ours: Socket
  theirs: Socket
  answerIsLost: boolean
  statementsIn: (bytes: Buffer) => string[]
}

export async function openLine(databaseUrl: string): Promise<Line> {
  const target = new URL(databaseUrl)
  const pairs = new Set<Pair>()
  let isStill = false
  let loss: Loss | null = null
  let lost = 0

  const drop = (pair: Pair) => {
    pairs.delete(pair)
    for (const socket of [pair.ours, pair.theirs]) socket.destroy()
  }
  const reset = (pair: Pair) => {
    pair.ours.resetAndDestroy()
    drop(pair)
  }
  const passOn = (pair: Pair, bytes: Buffer) => {
    const texts = pair.statementsIn(bytes)
    const isMeant = texts.some((text) => loss !== null && text.includes(loss.text))
    if (loss === null || lost >= loss.times || !isMeant) return void pair.theirs.write(bytes)
    lost += 1
    if (loss.what === 'statement') return reset(pair)
    pair.answerIsLost = true
    pair.theirs.write(bytes)
  }
  const server = createServer((ours) => {
    const theirs = connect(Number(target.port), target.hostname)
    const pair: Pair = { ours, theirs, answerIsLost: false, statementsIn: createStatements() }
    pairs.add(pair)
    for (const socket of [ours, theirs]) {
      socket.setNoDelay(true)
      socket.on('error', () => drop(pair))
      socket.on('close', () => drop(pair))
      if (isStill) socket.pause()
    }
    ours.on('data', (bytes) => passOn(pair, bytes))
    // The server answers a statement when it is committed, and all at once.
    theirs.on('data', (bytes) => (pair.answerIsLost ? reset(pair) : void ours.write(bytes)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.port = String((server.address() as AddressInfo).port)
  const each = (run: (socket: Socket) => void) => {
    for (const { ours, theirs } of pairs) for (const socket of [ours, theirs]) run(socket)
  }
  return {
    url: url.href,
    cut: () => {
      for (const pair of pairs) reset(pair)
    },
    standStill: () => {
      isStill = true
      each((socket) => socket.pause())
    },
    goOn: () => {
      isStill = false
      each((socket) => socket.resume())
    },
    lose: (next) => {
      loss = next
      lost = 0
    },
    lost: () => lost,
    close: () => {
      server.close()
      for (const pair of pairs) drop(pair)
    },
  }
}
