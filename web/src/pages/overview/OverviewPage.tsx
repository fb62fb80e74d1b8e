/** What a person wants first: what needs them, what goes out next, how the last posts did, and what they began. */
import type { ReactNode } from 'react'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { useMe } from '../../session.ts'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { Drafts } from './Drafts.tsx'
import { FirstSteps } from './FirstSteps.tsx'
import { NextUp } from './NextUp.tsx'
import { OpenNotices } from './OpenNotices.tsx'
import { RecentPosts } from './RecentPosts.tsx'

export function OverviewPage(): ReactNode {
  const { member } = useMe()
  const { day } = useFormat()
  return (
    <>
      <PageHeader title={t('overview.hello', { name: member.name })} description={day(new Date())} />
      <div className="flex flex-col gap-5">
        <OpenNotices />
        <FirstSteps />
        <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] lg:grid-rows-[auto_1fr]">
          <NextUp className="lg:col-start-2" />
          <RecentPosts className="lg:col-start-1 lg:row-span-2 lg:row-start-1" />
          <Drafts className="lg:col-start-2" />
        </div>
      </div>
    </>
  )
}
