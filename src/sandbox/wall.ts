/** Everything published on the simulators, newest first, with the requests that made each. */
import type { WallComment, WallPost } from '#networks/sandbox-kit.ts'
import type { Mounted, SandboxHost } from './host.ts'
import type { TrailStep } from './requests.ts'

export type WallItem = Omit<WallPost, 'images' | 'comments'> & {
  networkName: string
  color: string
  images: Array<{ altText: string; url?: string }>
  requests: readonly TrailStep[]
  comments: Array<WallComment & { requests: readonly TrailStep[] }>
}

/** Posts of one network or of all, deleted ones included. */
export function wallPosts(host: SandboxHost, network?: string): WallPost[] {
  const mounts = [...host.mounts.values()].filter(
    (mount) => network === undefined || mount.network.id === network,
  )
  return mounts
    .flatMap((mount) => mount.network.wall())
    .sort((a, b) => (a.publishedAt < b.publishedAt ? 1 : a.publishedAt > b.publishedAt ? -1 : 0))
}

/** A post with what stands around it. `origin` makes addresses absolute; empty leaves them paths. */
export function wallItem(mount: Mounted, post: WallPost, origin: string): WallItem {
  const { network, trails } = mount
  return {
    ...post,
    networkName: network.name,
    color: network.color,
    images: post.images.map(({ altText, file }) => ({
      altText,
      ...(file === undefined ? {} : { url: `${origin}/_sandbox/${network.id}/_files/${file}` }),
    })),
    requests: trails.of(post.remoteId),
    comments: post.comments.map((comment) => ({ ...comment, requests: trails.of(comment.remoteId) })),
  }
}

export function wallItems(host: SandboxHost, posts: readonly WallPost[], origin: string): WallItem[] {
  return posts.flatMap((post) => {
    const mount = host.mounts.get(post.network)
    return mount ? [wallItem(mount, post, origin)] : []
  })
}
