/** `member`: who may work here. Links are printed, so that all of it works without mail. */
import { type Command, Option } from 'commander'
import { LitfassError } from '#domain/errors.ts'
import { type Api, at, ServerProblem, withApi } from '../api.ts'
import { oneLine, type Output, print, table, when } from '../print.ts'
import type { Listed } from '../shapes.ts'

type Member = { id: string; name: string; email: string; role: string; canSignIn: boolean }
type Invitation = { id: string; email: string; role: string; expiresAt: string }
type Invited = Invitation & { url: string; mailed: boolean }
type Link = { url: string; expiresAt: string }

export function memberCommands(program: Command): void {
  const member = program.command('member').description('People of the workspace')
  member
    .command('list')
    .description('List members')
    .action((options: Output) =>
      withApi(async (api) => {
        const list = await api.call<Listed<Member>>('GET', '/members')
        const invitations = await invitationsFor(api)
        print({ ...list, invitations }, options, () => memberTable(list.items, invitations))
      }),
    )
  member
    .command('invite <email>')
    .description('Invite a person; prints the link')
    .addOption(
      new Option('--role <role>', 'What they may do')
        .choices(['admin', 'editor', 'viewer'])
        .default('editor'),
    )
    .action((email: string, options: Output & { role: string }) =>
      withApi(async (api) => {
        const done = await api.call<Invited>('POST', '/invitations', { email, role: options.role })
        print(
          done,
          options,
          () =>
            linkText(`Invitation for ${oneLine(email)}`, done) + (done.mailed ? '\nIt was also mailed.' : ''),
        )
      }),
    )
  member
    .command('data <member>')
    .description('Print the personal data held of a member as JSON')
    .action((name: string, _options: Output) =>
      withApi(async (api) => {
        const { id } = await find(api, name)
        const held = await api.call<unknown>('GET', at`/members/${id}/data`)
        process.stdout.write(`${JSON.stringify(held, null, 2)}\n`)
      }),
    )
  member
    .command('remove <member>')
    .description('Remove and forget a member, named by id or mail address; what they wrote stays')
    .action((name: string, options: Output) =>
      withApi(async (api) => {
        const { id } = await find(api, name)
        const gone = await api.call<{ id: string }>('DELETE', at`/members/${id}`)
        print(gone, options, () => `Removed: ${gone.id}`)
      }),
    )
  member
    .command('reset-password <email>')
    .description('Print a link with which a member sets a new password')
    .action((email: string, options: Output) =>
      withApi(async (api) => {
        const { id } = await find(api, email)
        const link = await api.call<Link>('POST', at`/members/${id}/password-link`, {})
        print(link, options, () => linkText(`New password for ${oneLine(email)}`, link))
      }),
    )
}

/** None where the role behind the key may not see them: the members are shown all the same. */
async function invitationsFor(api: Api): Promise<Invitation[]> {
  try {
    return (await api.call<Listed<Invitation>>('GET', '/invitations')).items
  } catch (cause) {
    if (cause instanceof ServerProblem && cause.problem.code === 'not_allowed') return []
    throw cause
  }
}

async function find(api: Api, name: string): Promise<Member> {
  const { items } = await api.call<Listed<Member>>('GET', '/members')
  const found = items.find((member) => member.id === name || member.email === name.toLowerCase())
  if (found) return found
  throw new LitfassError('not_found', `There is no member ${name}`, {
    remedy: '`litfass member list` lists them.',
  })
}

function linkText(title: string, link: Link): string {
  return `${title}, good until ${when(link.expiresAt)}:\n${link.url}`
}

function memberTable(members: readonly Member[], invited: readonly Invitation[]): string {
  return table(
    ['Id', 'Name', 'Mail address', 'Role', 'Sign-in'],
    [
      ...members.map((item) => [
        item.id,
        oneLine(item.name, 30),
        oneLine(item.email, 40),
        item.role,
        item.canSignIn ? 'yes' : 'no password yet',
      ]),
      ...invited.map((item) => [
        item.id,
        '–',
        oneLine(item.email, 40),
        item.role,
        `invited until ${when(item.expiresAt)}`,
      ]),
    ],
    'No members.',
  )
}
