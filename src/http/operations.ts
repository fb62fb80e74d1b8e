/** The contract's operations by method and path, so that what stands before the codec knows which one is asked. */
import { contract } from '#contract/api.ts'
import { LitfassError } from '#domain/errors.ts'

export type Operation = {
  /** For example `posts.show`. */
  name: string
  method: string
  /** Below `/api/v1`, for example `/posts/{id}`. */
  path: string
}

type Group = { readonly [key: string]: Group | Declared }
type Declared = { '~orpc': { route: { method?: string; path?: string } } }

function operationsIn(group: Group, prefix = ''): Operation[] {
  return Object.entries(group).flatMap(([key, node]) => {
    const name = `${prefix}${key}`
    if (!isDeclared(node)) return operationsIn(node, `${name}.`)
    const { method, path } = node['~orpc'].route
    if (!method || !path) throw new Error(`${name} declares no method or path`)
    return [{ name, method, path }]
  })
}

function isDeclared(node: Group | Declared): node is Declared {
  return '~orpc' in node
}

export const operations: readonly Operation[] = operationsIn(contract)

const patterns = operations.map((operation) => ({
  operation,
  pattern: new RegExp(`^${operation.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}))
/** Every request asks: by the first part of the path, which no operation leaves open, few patterns are tried. */
const byFirstPart = Map.groupBy(patterns, ({ operation }) => firstPart(operation.path))

function firstPart(path: string): string {
  return path.split('/', 2)[1] ?? ''
}

function patternsFor(path: string): typeof patterns {
  return byFirstPart.get(firstPart(path)) ?? []
}

/** The methods that something is at a path for. */
export function methodsAt(path: string): string[] {
  const there = patternsFor(path).filter(({ pattern }) => pattern.test(path))
  return [...new Set(there.map(({ operation }) => operation.method))]
}

/** Throws `not_found` where nothing is at the path, and `method_not_allowed` where other methods are. */
export function operationAt(method: string, path: string): Operation {
  const wanted = patternsFor(path).find(
    ({ operation, pattern }) => operation.method === method && pattern.test(path),
  )
  if (wanted) return wanted.operation
  const allowed = methodsAt(path)
  if (allowed.length === 0) {
    throw new LitfassError('not_found', `There is nothing at /api/v1${path}`, {
      remedy: 'See /api/docs for what there is.',
    })
  }
  throw new LitfassError('method_not_allowed', `/api/v1${path} does not take ${method}`, {
    remedy: `Use ${allowed.join(', ')}.`,
  })
}
