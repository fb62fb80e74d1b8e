/** What the running server knows of its workspace: tokens of apps that are missing, and terms that nobody read for long. */
import { LitfassError } from '#domain/errors.ts'
import { type Api, ServerProblem, withApi } from '../api.ts'
import type { Listed, NetworkApp, Terms } from '../shapes.ts'
import { failedBy, type Finding, ok, warn } from './finding.ts'

/** Nothing where nobody owns the installation yet. */
export async function checkWorkspace(): Promise<Finding[]> {
  try {
    return await withApi(async (api) => [await checkAppTokens(api), await checkTerms(api)])
  } catch (cause) {
    if (codeOf(cause) === 'not_initialised') return []
    return [failedBy('workspace', cause, 'See the log of the server.')]
  }
}

function codeOf(cause: unknown): string | null {
  if (cause instanceof ServerProblem) return cause.problem.code
  return cause instanceof LitfassError ? cause.code : null
}

/** Of apps that are set up; without an app there is nothing to compare. */
async function checkAppTokens(api: Api): Promise<Finding> {
  const { items } = await api.call<Listed<NetworkApp>>('GET', '/network-apps')
  const missing = items.filter(({ source, token }) => source !== null && token?.source === null)
  if (missing.length === 0) return ok('app-tokens', 'What networks tell to an app alone can be asked for')
  const names = missing.map(({ name, token }) => `${name} (${token?.label})`).join(', ')
  const settings = missing.map(({ token }) => token?.setting).join(', ')
  return warn(
    'app-tokens',
    `Not entered: ${names}. What the network counted of your use cannot be compared with what Litfass did; all else works`,
    `Enter it under Networks, or set ${settings}.`,
  )
}

async function checkTerms(api: Api): Promise<Finding> {
  const { items, rereadAfterDays } = await api.call<{ items: Terms[]; rereadAfterDays: number }>(
    'GET',
    '/terms',
  )
  const name = (one: Terms) => `${one.name} ${one.subject === 'prices' ? 'prices' : 'rules'}`
  const changed = items.filter(({ hasChanged }) => hasChanged)
  if (changed.length > 0)
    return warn(
      'terms',
      `Changed since this release: ${changed.map(name).join(', ')}`,
      'Update Litfass; correct prices by `litfass prices set` until then.',
    )
  const overdue = items.filter(({ isOverdue }) => isOverdue)
  if (overdue.length > 0)
    return warn(
      'terms',
      `Not read for more than ${rereadAfterDays} days: ${overdue.map((one) => `${name(one)} (${one.readOn})`).join(', ')}`,
      'Read them again: `litfass data terms` says where they stand, `litfass data read-terms` records it.',
    )
  const oldest = Math.max(0, ...items.map(({ ageDays }) => ageDays))
  return ok(
    'terms',
    `Terms and prices of every network were read within the last ${Math.max(1, oldest)} days`,
  )
}
