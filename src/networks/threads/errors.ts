/** Threads' own error codes. What every part of Meta's platform shares stands in `../graph.ts`. */
import type { GraphErrorRow } from '../graph.ts'
import type { ContainerFailure } from '../graph-containers.ts'

/** Some subcodes are documented without their code; the subcode alone decides. */
const anyCode: [number, number] = [-1_000, 1_000_000]

/**
 * Source: Threads posts and troubleshooting on developers.facebook.com, and reports of users at
 * https://github.com/gitroomhq/postiz-app and https://github.com/trypostit/trypost, read 2026-11-23.
 *
 * No page says how the daily number of posts is refused; Instagram's subcode for the same limit stands here.
 */
export const threadsRows: readonly GraphErrorRow[] = [
  {
    code: 100,
    word: 'THREADS_API__LINK_LIMIT_EXCEEDED',
    meaning: 'The post has more than 5 different links',
    action: 'fix',
  },
  { code: 9, subcode: 2207042, meaning: 'The daily number is used up', action: 'wait', waitSeconds: 3_600 },
  // Also said of containers that were only just made and are fine.
  { code: 24, subcode: 4279009, meaning: 'Threads does not find the prepared post', action: 'reconcile' },
  { code: anyCode, subcode: 4279013, meaning: 'The Threads profile is restricted', action: 'user' },
  { code: anyCode, subcode: 2207051, meaning: 'Threads restricted this activity', action: 'reconcile' },
  { code: anyCode, subcode: 2207052, meaning: 'Threads could not fetch the image', action: 'retry' },
]

/** What a container says of itself when it failed. */
const failures: Readonly<Record<string, { meaning: string; action: 'fix' | 'retry' }>> = {
  FAILED_DOWNLOADING_VIDEO: { meaning: 'Threads could not fetch the video', action: 'retry' },
  FAILED_PROCESSING_AUDIO: { meaning: 'Threads could not read the sound', action: 'retry' },
  FAILED_PROCESSING_VIDEO: { meaning: 'Threads could not read the video', action: 'retry' },
  // Spelt so by Threads.
  INVALID_ASPEC_RATIO: { meaning: 'The ratio of width to height is not taken', action: 'fix' },
  INVALID_BIT_RATE: { meaning: 'The bit rate is not taken', action: 'fix' },
  INVALID_DURATION: { meaning: 'The duration is not taken', action: 'fix' },
  INVALID_FRAME_RATE: { meaning: 'The frame rate is not taken', action: 'fix' },
  INVALID_AUDIO_CHANNELS: { meaning: 'The number of sound channels is not taken', action: 'fix' },
  INVALID_AUDIO_CHANNEL_LAYOUT: { meaning: 'The layout of the sound channels is not taken', action: 'fix' },
  UNKNOWN: { meaning: 'Threads could not prepare the post', action: 'retry' },
}

/** A container that failed for an unknown reason is made anew. At creation only a picture that was not fetched is. */
export function wantsNewContainer(failure: ContainerFailure | undefined): boolean {
  if (typeof failure === 'number') return failure === 2207052
  return failure === undefined || failures[failure]?.action !== 'fix'
}

export function isNotFetched(failure: ContainerFailure | undefined): boolean {
  return failure === 2207052
}

export function meaningOf(failure: ContainerFailure | undefined): string {
  const row = threadsRows.find(({ subcode }) => subcode !== undefined && subcode === failure)
  return row?.meaning ?? failures[failure ?? '']?.meaning ?? 'Threads could not prepare the post'
}
