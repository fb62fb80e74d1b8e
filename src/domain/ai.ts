/**
 * Whether something may go to a model. Pure.
 *
 * What people write is theirs and may. What was read from a network may only where the network's terms leave it free
 * and the workspace said so for that network. Terms that say nothing clear count as a no: what was sent cannot be
 * taken back.
 */
import { type DataRule, exportLimit, rulesFor, shownUntil } from './retention.ts'

/** Where something comes from. `readAt`: of the oldest part, where there are several. */
export type Origin =
  | { provenance: 'authored' }
  | { provenance: 'read'; network: string; dataClass: string; readAt: Date }

/** What is known of the network something was read from. */
export type NetworkStance<Rule extends DataRule = DataRule> = {
  /** Null for a network this version does not know. */
  rules: readonly Rule[] | null
  /** Whether the workspace lets its data go to a model. */
  isAllowed: boolean
}

/**
 * `terms`: they forbid it. `unclear`: nobody knows whether they do. `unknown`: there is no rule about this class.
 * `stays`: data of this class leaves Litfass in no way. `too-old`: it may not be shown any more.
 */
export type ForbiddenBecause = 'terms' | 'unclear' | 'unknown' | 'stays' | 'too-old'

/** `off` is a choice of the workspace; `forbidden` is not for it to change. */
export type ModelVerdict<Rule extends DataRule = DataRule> =
  | { kind: 'allowed'; because: 'authored' | 'setting' }
  | { kind: 'off' }
  | { kind: 'forbidden'; because: ForbiddenBecause; rule: Rule | null }

export function mayGoToModel<Rule extends DataRule>(
  origin: Origin,
  { rules, isAllowed }: NetworkStance<Rule>,
  now: Date,
): ModelVerdict<Rule> {
  if (origin.provenance === 'authored') return { kind: 'allowed', because: 'authored' }
  if (rules === null) return { kind: 'forbidden', because: 'unknown', rule: null }
  const barrier = barrierOf(rules, origin.dataClass)
  if (barrier) return barrier
  const until = shownUntil(rules, origin.dataClass, origin.readAt)
  if (until !== null && until <= now) return { kind: 'forbidden', because: 'too-old', rule: null }
  return isAllowed ? { kind: 'allowed', because: 'setting' } : { kind: 'off' }
}

type Forbidden<Rule extends DataRule> = Extract<ModelVerdict<Rule>, { kind: 'forbidden' }>

/** What keeps a class of data from every model; null where the workspace may choose. */
function barrierOf<Rule extends DataRule>(rules: readonly Rule[], dataClass: string): Forbidden<Rule> | null {
  const about = rulesFor(rules, dataClass).filter(({ use }) => use?.model !== undefined)
  const forbidding = about.find(({ use }) => use?.model === 'forbidden')
  if (forbidding) return { kind: 'forbidden', because: 'terms', rule: forbidding }
  const unclear = about.find(({ use }) => use?.model === 'unclear')
  if (unclear) return { kind: 'forbidden', because: 'unclear', rule: unclear }
  if (about.length === 0) return { kind: 'forbidden', because: 'unknown', rule: null }
  if (exportLimit(rules, dataClass) === null) return null
  const rule = rulesFor(rules, dataClass).find(({ use }) => use?.export !== undefined) ?? null
  return { kind: 'forbidden', because: 'stays', rule }
}

/** What holds for a network as a whole: the workspace may choose where any class of its data is free. */
export function networkStanding<Rule extends DataRule>(
  rules: readonly Rule[],
  isAllowed: boolean,
): ModelVerdict<Rule> & { rules: Rule[]; canBeAllowed: boolean } {
  const about = rules.filter(({ use }) => use?.model !== undefined)
  const classes = [...new Set(rules.map(({ dataClass }) => dataClass))].filter((name) => name !== '*')
  const barriers = classes.flatMap((dataClass) => barrierOf(rules, dataClass) ?? [])
  if (barriers.length < classes.length) {
    const verdict = isAllowed
      ? ({ kind: 'allowed', because: 'setting' } as const)
      : ({ kind: 'off' } as const)
    return { ...verdict, rules: about, canBeAllowed: true }
  }
  const clearest = barriers.find(({ because }) => because === 'terms') ?? barriers[0] ?? noRule
  return { ...clearest, rules: about, canBeAllowed: false }
}

const noRule = { kind: 'forbidden', because: 'unknown', rule: null } as const

/** Why, in English; `code` is for translation. */
export function reasonOf(
  verdict: ModelVerdict,
  networkName: string,
): { code: string; message: string; params: { network: string } } {
  const code = verdict.kind === 'off' ? 'off' : `${verdict.kind}-${verdict.because}`
  return { code, message: reasons[code]?.(networkName) ?? code, params: { network: networkName } }
}

const reasons: Readonly<Record<string, (network: string) => string>> = {
  'allowed-authored': () => 'It was written here, so it may go to a model.',
  'allowed-setting': (network) => `This workspace lets data read from ${network} go to a model.`,
  off: (network) => `Data read from ${network} goes to no model unless an admin switches it on.`,
  'forbidden-terms': (network) => `The terms of ${network} forbid it.`,
  'forbidden-unclear': (network) =>
    `The terms of ${network} do not say clearly that it is allowed, so it counts as forbidden.`,
  'forbidden-unknown': (network) =>
    `No rule of ${network} about this kind of data is known, so it counts as forbidden.`,
  'forbidden-stays': (network) => `Data of this kind from ${network} does not leave Litfass.`,
  'forbidden-too-old': (network) =>
    `It was read from ${network} too long ago: it may not be shown any more, and so not sent.`,
}

/** Path of the one operation that is asked for. */
export const chatPath = '/chat/completions'

/**
 * The server's base address from what was typed: with or without the operation's path. Null for what is no address,
 * or holds a password, a query or a fragment: those would be kept and shown in the clear.
 */
export function endpointOf(typed: string): string | null {
  const text = typed.trim()
  if (!URL.canParse(text)) return null
  const { protocol, username, password, search, hash, origin, pathname } = new URL(text)
  if (protocol !== 'https:' && protocol !== 'http:') return null
  if (username + password + search + hash !== '') return null
  const path = withoutTail(pathname)
  return path === '' ? `${origin}/v1` : origin + path
}

function withoutTail(pathname: string): string {
  const path = pathname.endsWith('/') ? pathname.slice(0, -1) : pathname
  return path.endsWith(chatPath) ? path.slice(0, -chatPath.length) : path
}
