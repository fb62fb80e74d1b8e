/** What is done to the database: its server, the way to it, single statements, and the power of its disk. */
import { type Act, everything, type Fault, type Moment, type Rule, slowAfter, slowBefore } from './fault.ts'

const moments: ReadonlyArray<{ at: Moment; words: string; rules: readonly Rule[] }> = [
  { at: 'in-flight', words: 'while the request is on its way', rules: [slowBefore] },
  { at: 'committed', words: 'after the network committed, before its answer', rules: [slowAfter] },
  { at: 'answered', words: 'after the answer, around our commit', rules: [] },
]

function atMoments(act: Act, title: string, needs: 'server' | 'power'): Fault[] {
  return moments.map(({ at, words, rules }) => ({
    id: `${act}-${at}`,
    title: `${title}, ${words}`,
    rules,
    act,
    at,
    needs,
    mustGoOut: true,
    ...(at === 'answered' ? { subjects: everything } : {}),
  }))
}

/** Of each worker so many, so that most posts of a round are hit. */
const lossesOfEach = 3

const statementWords = {
  claim: 'the claim',
  intent: 'the intent',
  ledger: 'the entry in the ledger',
  outcome: 'the outcome',
}

function lossesOf(name: keyof typeof statementWords, text: string): Fault[] {
  const titles = { statement: 'does not reach the database', answer: 'is committed, and its answer is lost' }
  return (['statement', 'answer'] as const).map((what) => ({
    id: `${name}-${what}-lost`,
    title: `${statementWords[name]} ${titles[what]}`,
    loses: { text, what, times: lossesOfEach },
    needs: 'server',
    mustGoOut: true,
    ...(name === 'outcome' ? { subjects: everything } : {}),
    ...(what === 'answer' && name === 'intent' ? { tells: ['posts'] as const } : {}),
    ...(what === 'answer' && name === 'outcome' ? { tells: ['posts', 'both'] as const } : {}),
  }))
}

export const databaseFaults: readonly Fault[] = [
  ...atMoments('partition', 'worker cut off from the database past its lease', 'server'),
  ...atMoments('database-crash', 'database server crashes and comes back', 'server'),
  ...atMoments('connections-ended', 'database server ends all connections', 'server'),
  ...atMoments('lines-cut', 'all connections to the database are reset', 'server'),
  ...lossesOf('claim', 'started_at = coalesce('),
  ...lossesOf('intent', "set state = 'sending'"),
  ...lossesOf('ledger', 'insert into access_record'),
  ...lossesOf('outcome', 'set state = s.state'),
  ...atMoments('power-cut', 'power cut', 'power'),
]
