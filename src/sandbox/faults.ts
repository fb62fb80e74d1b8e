/**
 * Faults on purpose: rules that say which requests go wrong, how, and how often.
 *
 * A rule counts what it saw and what it did, and both survive a restart. Of several rules that match, the
 * first that still has something to do decides.
 */
import { z } from 'zod'
import type { Effect, RefusalKind } from '#networks/sandbox-kit.ts'
import type { Collection } from '#networks/sandbox-journal.ts'

const effects = ['publish', 'upload', 'read', 'remove', 'token'] as const satisfies readonly Effect[]

/** What every rule has; `fault` and what belongs to it stand beside. */
const common = {
  id: z.string().min(1).max(60).optional(),
  network: z.string().min(1).default('*'),
  match: z
    .strictObject({
      method: z.string().max(10).optional(),
      /** Path below the network's mount; `*` stands for any characters. */
      pathPattern: z.string().max(300).optional(),
      effect: z.enum(effects).optional(),
    })
    .default({}),
  after: z.number().int().min(0).default(0),
}
const once = z.union([z.number().int().min(1), z.literal('always')]).default(1)
const always = z.union([z.number().int().min(1), z.literal('always')]).default('always')

export const faultRule = z.discriminatedUnion('fault', [
  z.strictObject({ ...common, times: once, fault: z.literal('lost-before') }),
  z.strictObject({ ...common, times: once, fault: z.literal('lost-after') }),
  z.strictObject({ ...common, times: once, fault: z.literal('cut-body') }),
  z.strictObject({ ...common, times: once, fault: z.literal('reset-upload') }),
  z.strictObject({
    ...common,
    times: once,
    fault: z.literal('slow'),
    ms: z.number().int().min(1).max(600_000),
    when: z.enum(['before', 'after']).default('before'),
  }),
  z.strictObject({
    ...common,
    times: once,
    fault: z.literal('error'),
    error: z.union([z.string().min(1), z.number()]).transform(String),
  }),
  z.strictObject({
    ...common,
    times: once,
    fault: z.literal('server-error-after'),
    status: z.number().int().min(500).max(599).default(503),
  }),
  z.strictObject({ ...common, times: once, fault: z.literal('unauthorised') }),
  z.strictObject({ ...common, times: once, fault: z.literal('throttled') }),
  z.strictObject({ ...common, times: always, fault: z.literal('outage') }),
  z.strictObject({ ...common, times: always, fault: z.literal('quota'), remaining: z.number().int().min(0) }),
  z.strictObject({ ...common, times: once, fault: z.literal('token-death'), account: z.string().optional() }),
  z.strictObject({
    ...common,
    times: always,
    fault: z.literal('price-change'),
    prices: z.record(z.string(), z.string().regex(/^\d+(\.\d+)?$/)),
  }),
  z.strictObject({ ...common, times: always, fault: z.literal('renamed-fields') }),
  z.strictObject({
    ...common,
    times: always,
    fault: z.literal('withdrawal'),
    /** `ability`: what `match` names; `version`: calls that ask for `version`, or for any. */
    of: z.enum(['network', 'ability', 'version']).default('network'),
    version: z.string().optional(),
  }),
])

export type FaultRule = z.infer<typeof faultRule> & { id: string }
export type KeptRule = FaultRule & { position: number; seen: number; applied: number }

/** Rules that act when they are set and not on a request. */
export const standing: ReadonlySet<FaultRule['fault']> = new Set(['quota', 'price-change', 'renamed-fields'])

/** A token death that names no requests happens when it is set. */
export function isImmediate(rule: FaultRule): boolean {
  if (standing.has(rule.fault)) return true
  return rule.fault === 'token-death' && rule.after === 0 && Object.keys(rule.match).length === 0
}

export type Subject = { network: string; method: string; path: string; effect: Effect; version?: string }

/** The rule that decides about a request, counted; undefined where none does. Pages never fail. */
export function takeRule(rules: Collection<KeptRule>, subject: Subject): KeptRule | undefined {
  if (rules.size() === 0 || subject.effect === 'page') return undefined
  for (const rule of [...rules.values()].toSorted((a, b) => a.position - b.position)) {
    if (isImmediate(rule) || isSpent(rule) || !isMatch(rule, subject)) continue
    const isDue = rule.seen >= rule.after
    const counted = { ...rule, seen: rule.seen + 1, applied: rule.applied + (isDue ? 1 : 0) }
    rules.set(rule.id, counted)
    if (isDue) return counted
  }
  return undefined
}

const isSpent = (rule: KeptRule) => rule.times !== 'always' && rule.applied >= rule.times

function isMatch(rule: KeptRule, subject: Subject): boolean {
  const { method, pathPattern, effect } = rule.match
  if (rule.network !== '*' && rule.network !== subject.network) return false
  if (method !== undefined && method.toUpperCase() !== subject.method) return false
  if (effect !== undefined && effect !== subject.effect) return false
  if (pathPattern !== undefined && !isGlobMatch(pathPattern, subject.path)) return false
  if (rule.fault !== 'withdrawal' || rule.of !== 'version') return true
  return subject.version !== undefined && (rule.version === undefined || rule.version === subject.version)
}

/** Walks the parts between the stars in order, so that no pattern takes long. */
function isGlobMatch(pattern: string, path: string): boolean {
  const parts = pattern.split('*')
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (parts.length === 1) return pattern === path
  if (!path.startsWith(first) || !path.endsWith(last) || path.length < first.length + last.length)
    return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = path.indexOf(part, at)
    if (found < 0 || found + part.length > path.length - last.length) return false
    at = found + part.length
  }
  return true
}

/** Which refusal a fault stands for, where it is no more than that. */
export function refusalOf(rule: FaultRule): RefusalKind | null {
  switch (rule.fault) {
    case 'unauthorised':
    case 'throttled':
    case 'outage':
      return rule.fault
    case 'withdrawal':
      return `withdrawn-${rule.of}`
    case 'lost-before':
    case 'lost-after':
    case 'cut-body':
    case 'reset-upload':
    case 'slow':
    case 'error':
    case 'server-error-after':
    case 'quota':
    case 'token-death':
    case 'price-change':
    case 'renamed-fields':
      return null
  }
}
