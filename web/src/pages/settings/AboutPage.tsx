/** This installation: version, address, sandbox, mail, backups, and where its API is described. */
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, type Client, type Output } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { useMay, useMe } from '../../session.ts'
import { Badge } from '../../ui/Badge.tsx'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { ExternalLink } from '../../ui/Link.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'

export function AboutPage(): ReactNode {
  const { installation } = useMe()
  const isOwner = useMay('owner')
  const onOff = (isOn: boolean) => (
    <Badge tone={isOn ? 'success' : 'neutral'}>
      {isOn ? t('settings.about.on') : t('settings.about.off')}
    </Badge>
  )
  return (
    <>
      <Card title={t('settings.about.title')}>
        <dl className="grid max-w-2xl gap-x-8 gap-y-4 sm:grid-cols-[11rem_minmax(0,1fr)]">
          <Fact name={t('settings.about.version')}>{installation.version}</Fact>
          <Fact name={t('settings.about.origin')} hint={t('settings.about.origin.hint')}>
            <span className="wrap-anywhere">{installation.origin}</span>
          </Fact>
          <Fact name={t('settings.about.sandbox')} hint={t('settings.about.sandbox.hint')}>
            {onOff(installation.sandbox)}
          </Fact>
          <Fact
            name={t('settings.about.mail')}
            hint={installation.mail ? undefined : t('settings.about.mail.hint')}
          >
            {onOff(installation.mail)}
          </Fact>
          <Fact name={t('settings.about.api')}>
            <ExternalLink href="/api/docs">{t('settings.apiDocs')}</ExternalLink>
          </Fact>
        </dl>
      </Card>
      {isOwner && <Backup />}
    </>
  )
}

function Fact({
  name,
  hint,
  children,
}: {
  name: string
  hint?: string | undefined
  children: ReactNode
}): ReactNode {
  return (
    <>
      <dt className="text-sm font-medium text-muted">{name}</dt>
      <dd className="-mt-3 sm:mt-0">
        {children}
        {hint && <p className="mt-0.5 text-sm text-muted">{hint}</p>}
      </dd>
    </>
  )
}

function Backup(): ReactNode {
  const write = useMutation(api.backups.create.mutationOptions())
  return (
    <Card
      title={t('settings.backup.title')}
      description={t('settings.backup.text')}
      actions={
        <Button icon="download" onPress={() => write.mutate({})} isPending={write.isPending}>
          {t('settings.backup.write')}
        </Button>
      }
    >
      {write.isSuccess && <Written backup={write.data} />}
      {write.isError && <ProblemBanner problem={asProblem(write.error)} />}
      <p className={write.isIdle ? 'text-sm text-muted' : 'mt-3 text-sm text-muted'}>
        {t('settings.backup.restore')}
      </p>
    </Card>
  )
}

function Written({ backup }: { backup: Output<Client['backups']['create']> }): ReactNode {
  const { file, mediaFolder, mediaFiles, missingMedia } = backup
  return (
    <Banner tone={missingMedia > 0 ? 'warning' : 'success'} title={t('settings.backup.done')} isLive>
      <p>
        <code className="font-mono text-xs wrap-anywhere">{file}</code>
      </p>
      <p>{t('settings.backup.media', { count: mediaFiles, folder: mediaFolder ?? '' })}</p>
      {missingMedia > 0 && <p>{t('settings.backup.missing', { count: missingMedia })}</p>}
    </Banner>
  )
}
