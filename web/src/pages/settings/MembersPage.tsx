/** Who belongs to the workspace, and who is invited. */
import { useSuspenseQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { api, type Client, type Output } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { Invitations } from './Invitations.tsx'
import { MemberRow } from './MemberRow.tsx'

const InviteDialog = lazy(async () => ({ default: (await import('./InviteDialog.tsx')).InviteDialog }))

export type Member = Output<Client['members']['list']>['items'][number]

export function MembersPage(): ReactNode {
  const isAdmin = useMay('admin')
  const { data } = useSuspenseQuery(api.members.list.queryOptions())
  const [isInviting, setInviting] = useState(false)
  return (
    <>
      <Card
        title={t('settings.members.title', { count: data.items.length })}
        description={t('settings.members.text')}
        actions={
          isAdmin && (
            <Button variant="primary" icon="plus" onPress={() => setInviting(true)}>
              {t('settings.invite')}
            </Button>
          )
        }
        isFlush
      >
        <ul className="divide-y divide-line">
          {data.items.map((member) => (
            <MemberRow key={member.id} member={member} />
          ))}
        </ul>
      </Card>
      {isAdmin && <Invitations />}
      {isInviting && (
        <Suspense>
          <InviteDialog onClose={() => setInviting(false)} />
        </Suspense>
      )}
    </>
  )
}
