/** Rules for faults as the control API sets them, lists them and takes them away. */
import { z } from 'zod'
import { jsonResponse, type SandboxResponse } from '#networks/sandbox-kit.ts'
import { invalid, missing, mountsOf, parse } from './control-input.ts'
import { type FaultRule, faultRule, isImmediate, type KeptRule } from './faults.ts'
import { errorOf, type SandboxHost } from './host.ts'

export function faultList(host: SandboxHost): SandboxResponse {
  const items = [...host.rules.values()].toSorted((a, b) => a.position - b.position)
  return jsonResponse(200, { items: items.map(({ position: _position, ...rule }) => rule) })
}

/** A list, bare or as the list that a GET answers. */
const faultRules = z.preprocess(
  (value) => (Array.isArray(value) ? { items: value as unknown[] } : value),
  z.strictObject({ items: z.array(faultRule) }),
)

/** Puts these rules in the place of all others. */
export function putFaults(host: SandboxHost, body: Uint8Array): SandboxResponse {
  const { items: rules } = parse(faultRules, body)
  for (const rule of rules) mustBePossible(host, rule)
  for (const rule of host.rules.values()) dropRule(host, rule)
  return addFaults(host, rules)
}

export function addFaults(
  host: SandboxHost,
  rules: ReadonlyArray<z.infer<typeof faultRule>>,
): SandboxResponse {
  for (const rule of rules) mustBePossible(host, rule)
  let position = Math.max(0, ...[...host.rules.values()].map((rule) => rule.position))
  for (const given of rules) {
    position += 1
    const kept: KeptRule = { ...given, id: given.id ?? newRuleId(host), position, seen: 0, applied: 0 }
    const earlier = host.rules.get(kept.id)
    if (earlier) dropRule(host, earlier)
    if (isImmediate(kept)) {
      applyNow(host, kept)
      kept.applied = 1
    }
    host.rules.set(kept.id, kept)
  }
  return faultList(host)
}

function newRuleId(host: SandboxHost): string {
  let number = host.rules.size() + 1
  while (host.rules.get(`fault-${number}`)) number += 1
  return `fault-${number}`
}

function mustBePossible(host: SandboxHost, rule: z.infer<typeof faultRule>): void {
  const mounts = mountsOf(host, rule.network === '*' ? null : rule.network)
  if (rule.fault === 'error' && !mounts.some(({ network }) => errorOf(network, rule.error)))
    throw invalid(
      `No such network answers with the error ${rule.error}`,
      'GET /_sandbox/errors lists the ids.',
    )
  if (rule.fault === 'price-change' && !mounts.some(({ network }) => network.setPrices))
    throw invalid('This network takes no money for calls', 'Name a network that GET /_sandbox/bill lists.')
  if (rule.fault === 'renamed-fields' && !mounts.some(({ network }) => network.setRenamedFields))
    throw invalid('This network has one set of field names', 'Name a network that has two.')
}

function applyNow(host: SandboxHost, rule: FaultRule): void {
  for (const { network } of mountsOf(host, rule.network === '*' ? null : rule.network)) {
    if (rule.fault === 'quota') network.setQuota(rule.remaining)
    if (rule.fault === 'token-death') network.killTokens(rule.account)
    if (rule.fault === 'price-change') network.setPrices?.(rule.prices)
    if (rule.fault === 'renamed-fields') network.setRenamedFields?.(true)
  }
}

/** Takes a rule away, and with it what it had set. Dead tokens stay dead. */
export function dropRule(host: SandboxHost, rule: KeptRule): void {
  host.rules.delete(rule.id)
  for (const { network } of host.mounts.values()) {
    if (rule.network !== '*' && rule.network !== network.id) continue
    if (rule.fault === 'quota') network.setQuota(null)
    if (rule.fault === 'price-change') network.setPrices?.(null)
    if (rule.fault === 'renamed-fields') network.setRenamedFields?.(false)
  }
}

export function deleteFaults(host: SandboxHost, id: string | null): SandboxResponse {
  if (id !== null && !host.rules.get(id)) throw missing(`There is no fault ${id}`)
  for (const rule of host.rules.values()) if (id === null || rule.id === id) dropRule(host, rule)
  return { status: 204 }
}
