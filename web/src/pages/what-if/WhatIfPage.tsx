/** What a past time would have cost under other prices or another plan: the question, and below it the answer. */
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { api, client } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { type PeriodSearch, spanOf } from '../../period.ts'
import { useTitle } from '../../title.ts'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { Form } from '../../ui/Form.tsx'
import { Icon } from '../../ui/icons.tsx'
import { Link } from '../../ui/Link.tsx'
import { PeriodPicker } from '../../ui/PeriodPicker.tsx'
import { Select } from '../../ui/Select.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { WrongLines } from '../prices/WrongLines.tsx'
import { ChangeFields } from './ChangeFields.tsx'
import { DayFields, FileFields, PlanFields } from './Fields.tsx'
import { firstQuestion, inputOf, kinds, type Question, withKind } from './question.ts'

// The question comes first.
const Answer = lazy(async () => ({ default: (await import('./Answer.tsx')).Answer }))

export function WhatIfPage(): ReactNode {
  useTitle(t('whatIf.title'))
  const { data: book } = useSuspenseQuery(api.prices.list.queryOptions({ input: {} }))
  const { network } = useSearch({ from: '/shell/settings/prices/what-if' })
  const [period, setPeriod] = useState<PeriodSearch>({})
  const [question, setQuestion] = useState(() => firstQuestion(book.networks, network, book.on))
  const replay = useMutation({
    mutationFn: (input: ReturnType<typeof inputOf>) => client.prices.replay(input),
  })
  const span = spanOf(period)
  // An answer to another question would mislead.
  const change = (part: Partial<Question>) => {
    setQuestion((before) => ({ ...before, ...part }))
    replay.reset()
  }
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-col gap-2">
        <p className="text-sm">
          <Link to="/settings/prices" className="inline-flex items-center gap-1">
            <Icon name="arrowLeft" size={16} />
            {t('settings.tab.prices')}
          </Link>
        </p>
        <h2 className="text-lg font-semibold">{t('whatIf.title')}</h2>
        <p className="max-w-prose text-muted">{t('whatIf.text')}</p>
      </div>
      <Card>
        <Form onSend={() => span !== null && replay.mutate(inputOf(question, book, span))}>
          <div className="grid items-start gap-5 sm:grid-cols-2">
            <Select
              label={t('whatIf.kind')}
              value={question.kind}
              onChange={(id) => {
                const kind = kinds.find((one) => one === id) ?? 'change'
                change(withKind(question, kind, book.networks))
              }}
              choices={kinds.map((id) => ({ id, text: t(`whatIf.kind.${id}`) }))}
            />
            <PeriodPicker
              period={period}
              onChange={(chosen) => {
                setPeriod(chosen)
                replay.reset()
              }}
            />
          </div>
          <Fields question={question} book={book} networks={book.networks} change={change} />
          {replay.error && <WrongLines error={replay.error} />}
          <div>
            <Button
              type="submit"
              variant="primary"
              isPending={replay.isPending}
              isDisabled={span === null || (question.kind === 'file' && question.file === null)}
            >
              {t('whatIf.ask')}
            </Button>
          </div>
        </Form>
      </Card>
      {replay.data ? (
        <Suspense fallback={<Skeleton className="h-40" />}>
          <Answer replay={replay.data} networks={book.networks} />
        </Suspense>
      ) : (
        <EmptyState icon="chart" title={t('whatIf.none')}>
          {t('whatIf.none.text')}
        </EmptyState>
      )}
    </div>
  )
}

type FieldsProps = Parameters<typeof ChangeFields>[0]

function Fields(props: FieldsProps): ReactNode {
  switch (props.question.kind) {
    case 'change':
      return <ChangeFields {...props} />
    case 'plan':
      return <PlanFields {...props} />
    case 'day':
      return <DayFields {...props} />
    case 'file':
      return <FileFields {...props} />
  }
}
