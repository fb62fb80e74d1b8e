/** The way from a notice to where it is dealt with. Whoever goes it has read the notice. */
import { useMutation } from '@tanstack/react-query'
import { Link as RouterLink } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { toast } from '../../ui/toast.ts'
import { placeOf, type Notice } from './words.ts'

export function useMarkRead(notice: Notice): { markRead: () => void; isPending: boolean } {
  const read = useMutation({
    mutationFn: () => client.notices.read({ id: notice.id }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: api.notices.key() }),
    onError: toast.failed,
  })
  return {
    markRead: () => {
      if (notice.readAt === null) read.mutate()
    },
    isPending: read.isPending,
  }
}

type Props = {
  notice: Notice
  /** Where to, if not to the remedy. */
  place?: ReturnType<typeof placeOf>
  className: string
  children: ReactNode
}

export function RemedyLink({ notice, place = placeOf(notice), className, children }: Props): ReactNode {
  const { markRead } = useMarkRead(notice)
  const look = { className, onClick: markRead }
  switch (place) {
    case 'delivery':
      return (
        <RouterLink {...look} to="/deliveries/$deliveryId" params={{ deliveryId: notice.subject.id }}>
          {children}
        </RouterLink>
      )
    case 'connections':
      return (
        <RouterLink {...look} to="/connections">
          {children}
        </RouterLink>
      )
    case 'budgets':
      return (
        <RouterLink {...look} to="/settings/budgets">
          {children}
        </RouterLink>
      )
    case 'data':
      return (
        <RouterLink {...look} to="/settings/data">
          {children}
        </RouterLink>
      )
    case 'installation':
      return (
        <RouterLink {...look} to="/settings/about">
          {children}
        </RouterLink>
      )
  }
}
