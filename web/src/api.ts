/**
 * The typed client of the API, and how its answers are kept.
 *
 * `api.posts.list.queryOptions({ input })` goes into `useSuspenseQuery`, `api.posts.create.mutationOptions()` into
 * `useMutation`, `client.posts.list(…)` asks directly. Every error is a `Problem`.
 */
import { createORPCClient, ORPCError } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { JsonifiedClient } from '@orpc/openapi-client'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { createTanstackQueryUtils } from '@orpc/tanstack-query'
import { QueryClient } from '@tanstack/react-query'
import type { contract } from '#contract/api.ts'
import { routes } from 'virtual:contract-routes'
import { asProblem, problemFrom } from './problems.ts'
import { remembered } from './remember.ts'

/** `idempotencyKey` makes a write safe to repeat: the same key is carried out once. */
export type CallContext = { idempotencyKey?: string }
export type Client = JsonifiedClient<ContractRouterClient<typeof contract, CallContext>>
/** What an operation answers, for example `Output<Client['posts']['show']>`. */
export type Output<Operation extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<Operation>>

const link = new OpenAPILink<CallContext>(routes, {
  url: () => `${location.origin}/api/v1`,
  headers: ({ context }) => ({
    ...workspaceHeader(),
    ...(context.idempotencyKey === undefined ? {} : { 'idempotency-key': context.idempotencyKey }),
  }),
  fetch: async (request, init) => withProblemAsJson(await fetch(request, init)),
  customErrorResponseBodyDecoder: (body, response) =>
    new ORPCError('problem', { status: response.status, cause: problemFrom(body, response.status) }),
  interceptors: [
    async ({ next }) => {
      try {
        return await next()
      } catch (cause) {
        const problem = asProblem(cause instanceof ORPCError ? cause.cause : cause)
        if (problem.code === 'not_signed_in') onSignedOut()
        throw problem
      }
    },
  ],
})

/** The link reads as JSON only what is called just that, and a problem has a type of its own. */
function withProblemAsJson(answer: Response): Response {
  if (!answer.headers.get('content-type')?.startsWith('application/problem+json')) return answer
  const headers = new Headers(answer.headers)
  headers.set('content-type', 'application/json')
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers })
}

export const client: Client = createORPCClient(link)
export const api = createTanstackQueryUtils(client)

/** Requests of our own outside the contract, such as uploads, name the workspace too. */
export function workspaceHeader(): Record<string, string> {
  const workspace = remembered('workspace')
  return workspace === undefined ? {} : { 'litfass-workspace': workspace }
}

type SignedOutListener = () => void
let onSignedOut: SignedOutListener = () => {}
/** Called when an answer says that nobody is signed in (any more). */
export function setSignedOutListener(listener: SignedOutListener): void {
  onSignedOut = listener
}

/** A read that did not reach the server is tried again; an answer, even a bad one, is an answer. */
function shouldRetry(count: number, cause: unknown): boolean {
  return count < 2 && asProblem(cause).code === 'offline'
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: shouldRetry, staleTime: 10_000, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
})

/** For `refetchInterval`: asks again every `everyMs` while what was answered is not final. */
export function pollWhile<Data>(isUnfinished: (data: Data) => boolean, everyMs: number) {
  return (query: { state: { data?: Data | undefined } }): number | false =>
    query.state.data !== undefined && isUnfinished(query.state.data) ? everyMs : false
}
