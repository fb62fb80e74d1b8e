/** `post`: what the author writes, from the first draft to its deliveries. */
import { type Command, Option } from 'commander'
import { type Api, at, query, withApi } from '../api.ts'
import { oneLine, type Output, paragraph, print, state, table, when } from '../print.ts'
import type { DryRun, Listed, Post } from '../shapes.ts'
import { more, paged, type Paging, seconds, wrongUse } from '../use.ts'
import {
  type Content,
  contentOptions,
  readAttachments,
  readFirstComments,
  readText,
  readVariants,
} from './post-content.ts'
import { dryRunText, postText } from './post-view.ts'
import { waitUntilSettled } from './post-wait.ts'

type CreateOptions = Output & {
  at?: string
  wait?: boolean
  timeout: number
  dryRun?: boolean
  draft?: boolean
}
type ListOptions = Output & Paging & Record<'search' | 'state' | 'channel' | 'network', string | undefined>

export function postCommands(program: Command): void {
  const post = program.command('post').description('Posts')
  createCommand(post)
  editCommand(post)
  readCommands(post)
  scheduleCommands(post)
}

function createCommand(post: Command): void {
  const command = post.command('create').description('Publish now, schedule, or keep as a draft')
  const content = contentOptions(command)
  command
    .option('--at <time>', 'When; without offset in the time zone of the workspace')
    .addOption(
      new Option('--wait', 'Wait until all is settled; exit 1 unless all is published').conflicts([
        'dryRun',
        'draft',
      ]),
    )
    .option('--timeout <seconds>', 'Longest wait', seconds, 120)
    .option('--dry-run', 'Say what would happen and what it would cost; nothing is saved')
    .option('--draft', 'Keep it, do not schedule it')
    .action(async (options: CreateOptions & Content) => {
      const text = (await readText(options)) ?? ''
      await withApi((api) => create(api, { ...options, ...content(), text }), {
        worker: options.wait ?? false,
      })
    })
}

async function create(api: Api, options: CreateOptions & Content & { text: string }): Promise<void> {
  const body = {
    text: options.text,
    channelIds: options.channel ?? [],
    attachments: await readAttachments(api, options.media),
    ...(options.variant === undefined ? {} : { variants: readVariants(options.variant) }),
    ...readFirstComments(options),
    ...(options.at === undefined ? {} : { at: options.at }),
    ...(options.draft ? { draft: true } : {}),
  }
  if (options.dryRun) {
    const verdict = await api.call<DryRun>('POST', '/posts/dry-run', body)
    return print(verdict, options, () => dryRunText(verdict))
  }
  let post = await api.call<Post>('POST', '/posts', body)
  if (options.wait) post = await waitUntilSettled(api, post, options)
  print(post, options, () => postText(post))
  if (!options.wait && !options.draft && !api.isServerRunning && !options.json)
    process.stderr.write('No server runs: it goes out when one is started (npm start).\n')
  if (options.wait && post.state !== 'published') process.exitCode = 1
}

function editCommand(post: Command): void {
  const command = post.command('edit <id>').description('Change a draft, or what has not started')
  const content = contentOptions(command)
  command
    .option('--at <time>', 'Another time; without offset in the time zone of the workspace')
    .action(async (id: string, options: Output & Content & { at?: string }) => {
      const text = await readText(options)
      await withApi(async (api) => {
        const before = await api.call<Post>('GET', at`/posts/${id}`)
        const { media, channel, variant } = { ...options, ...content() }
        const when = options.at ?? before.dueAt ?? before.at
        const after = await api.call<Post>('PUT', at`/posts/${id}`, {
          revision: before.revision,
          text: text ?? before.text,
          channelIds: channel ?? before.channelIds,
          attachments: media.length > 0 ? await readAttachments(api, media) : before.attachments,
          variants: { ...before.variants, ...readVariants(variant) },
          firstComment: options.firstComment ?? before.firstComment,
          firstComments: { ...before.firstComments, ...readVariants(options.firstCommentFor) },
          ...(when === null ? {} : { at: when }),
        })
        print(after, options, () => postText(after))
      })
    })
}

function readCommands(post: Command): void {
  paged(post.command('list').description('List posts, newest first'))
    .option('--search <text>', 'Only those with this text')
    .option('--state <state>', 'Only those in this state')
    .option('--channel <id>', 'Only those for this channel')
    .option('--network <network>', 'Only those for this network')
    .action(({ json, channel, ...filters }: ListOptions) =>
      withApi(async (api) => {
        const list = await api.call<Listed<Post>>('GET', `/posts${query({ ...filters, channelId: channel })}`)
        print(list, { json: json ?? false }, () => postTable(list.items) + more(list.next))
      }),
    )
  one(post.command('show <id>').description('Show a post and its deliveries'), (id) => [
    'GET',
    at`/posts/${id}`,
  ])
}

function postTable(items: readonly Post[]): string {
  return table(
    ['Id', 'State', 'Due', 'Channels', 'Text'],
    items.map((item) => [
      item.id,
      state(item.state),
      when(item.dueAt ?? null),
      String(item.deliveries.length || (item.channelIds?.length ?? 0)),
      oneLine(paragraph(item.text), 50),
    ]),
    'No posts.',
  )
}

function scheduleCommands(post: Command): void {
  post
    .command('schedule <id>')
    .description('Schedule a draft, move what is scheduled, or publish now')
    .option('--at <time>', 'When; without offset in the time zone of the workspace')
    .option('--now', 'As soon as possible')
    .action((id: string, options: Output & { at?: string; now?: boolean }) => {
      if ((options.at === undefined) === (options.now === undefined))
        throw wrongUse('choose --at TIME or --now')
      return withApi(async (api) => {
        const { revision } = await api.call<Post>('GET', at`/posts/${id}`)
        const after = await api.call<Post>('POST', at`/posts/${id}/schedule`, {
          revision,
          ...(options.at === undefined ? {} : { at: options.at }),
        })
        print(after, options, () => postText(after))
      })
    })
  one(post.command('cancel <id>').description('Cancel what has not started'), (id) => [
    'POST',
    at`/posts/${id}/cancel`,
  ])
  one(post.command('duplicate <id>').description('Make a draft with the same content'), (id) => [
    'POST',
    at`/posts/${id}/duplicate`,
  ])
  post
    .command('delete <id>')
    .description('Delete a draft or a cancelled post')
    .action((id: string, options: Output) =>
      withApi(async (api) => {
        const gone = await api.call<{ id: string }>('DELETE', at`/posts/${id}`)
        print(gone, options, () => `Deleted: ${gone.id}`)
      }),
    )
}

/** A command that names a post, and answers one. */
function one(command: Command, request: (id: string) => ['GET' | 'POST', string]): void {
  command.action((id: string, options: Output) =>
    withApi(async (api) => {
      const [method, path] = request(id)
      const post = await api.call<Post>(method, path, method === 'POST' ? {} : undefined)
      print(post, options, () => postText(post))
    }),
  )
}
