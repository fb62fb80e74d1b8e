/** Waiting until every delivery of a post is settled. The post goes on whether anybody waits or not. */
import { LitfassError } from '#domain/errors.ts'
import { type Api, at } from '../api.ts'
import { type Output, progressLine, remark } from '../print.ts'
import type { Post } from '../shapes.ts'

const moving = new Set(['scheduled', 'publishing'])

/** First comments are waited for, too: without a server nobody else would send them. */
function isMoving(post: Post): boolean {
  return moving.has(post.state) || post.deliveries.some((delivery) => isCommentMoving(delivery))
}

function isCommentMoving({ comment }: Post['deliveries'][number]): boolean {
  if (!comment) return false
  return ['claimed', 'sending'].includes(comment.state) || comment.nextAt !== null
}

/** Milliseconds between two looks: short at first, then at most this. */
const slowest = 1_000

/** The post as it is when nothing moves any more, or when `timeout` seconds are over. */
export async function waitUntilSettled(
  api: Api,
  first: Post,
  options: Output & { timeout: number },
): Promise<Post> {
  const progress = progressLine(options)
  const leave = () => {
    progress.end()
    process.stderr.write(`${goesOn(api, first.id)}\n`)
    process.exit(130)
  }
  process.once('SIGINT', leave)
  const until = Date.now() + options.timeout * 1_000
  let post = first
  let pause = 100
  while (isMoving(post) && Date.now() < until) {
    progress.say(`Publishing: ${countOf(post)} of ${post.deliveries.length} out …`)
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, Math.max(0, until - Date.now()))))
    pause = Math.min(slowest, pause * 1.3)
    post = await look(api, post)
  }
  progress.end()
  process.removeListener('SIGINT', leave)
  if (isMoving(post)) remark(`Not settled after ${options.timeout} s. ${goesOn(api, post.id)}`, options)
  return post
}

/** A server that is being restarted is waited for; the post is kept. */
async function look(api: Api, post: Post): Promise<Post> {
  try {
    return await api.call<Post>('GET', at`/posts/${post.id}`)
  } catch (cause) {
    if (cause instanceof LitfassError && cause.code === 'server_unreachable') return post
    throw cause
  }
}

function countOf(post: Post): number {
  return post.deliveries.filter((delivery) => delivery.state === 'published').length
}

function goesOn(api: Api, id: string): string {
  return api.isServerRunning
    ? `The post goes on: litfass post show ${id}`
    : `The post is kept, and goes on when Litfass runs (npm start): litfass post show ${id}`
}
