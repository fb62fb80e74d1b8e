/** What the server says would happen to what is written: verdicts and cost per channel, saving nothing. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api, type Client, type Output } from '../../api.ts'
import { asProblem, type Problem } from '../../problems.ts'
import { type Content, inputOf } from './content.ts'

export type DryRun = Output<Client['posts']['dryRun']>
export type DryRunState = { answer: DryRun | null; problem: Problem | null; isFresh: boolean }

const quietMs = 400

export function useDryRun(content: Content): DryRunState {
  const input = useQuiet(inputOf(content))
  const isAsked = input.channelIds.length > 0
  const query = useQuery({
    ...api.posts.dryRun.queryOptions({ input, staleTime: 30_000 }),
    enabled: isAsked,
    placeholderData: keepPreviousData,
    retry: false,
    // Once the server is back, nobody should have to type to be told.
    refetchInterval: ({ state }) => state.error !== null && isPassing(asProblem(state.error)) && 5_000,
  })
  if (!isAsked) return { answer: null, problem: null, isFresh: true }
  return {
    answer: query.data ?? null,
    problem: query.error ? asProblem(query.error) : null,
    isFresh: !query.isFetching && !query.isPlaceholderData,
  }
}

/** Channels whose network or login takes no first comment, as far as the server was asked for one. */
export function withoutComment({ answer }: DryRunState): ReadonlySet<string> {
  const verdicts = answer?.verdicts ?? []
  return new Set(
    verdicts.flatMap(({ channelId, comment }) => (comment?.isOffered === false ? [channelId] : [])),
  )
}

/** Everything the server would refuse of a channel: the post and its first comment. */
export function problemsOf({
  problems,
  comment,
}: DryRun['verdicts'][number]): DryRun['verdicts'][number]['problems'] {
  return [...problems, ...(comment?.problems ?? [])]
}

function isPassing({ status }: Problem): boolean {
  return status === 0 || status === 429 || status >= 500
}

/** The value once it has not changed for a moment. */
function useQuiet<Value>(value: Value): Value {
  const json = JSON.stringify(value)
  const [quiet, setQuiet] = useState(json)
  useEffect(() => {
    const wait = setTimeout(() => setQuiet(json), quietMs)
    return () => clearTimeout(wait)
  }, [json])
  return JSON.parse(quiet) as Value
}
