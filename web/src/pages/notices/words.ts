/** A notice in the person's language; the server's English where there is no other. */
import type { Client, Output } from '../../api.ts'
import type { Format } from '../../format.ts'
import { hasText, t } from '../../i18n.tsx'
import { utcDay } from '../budgets/words.ts'
import type { IconName } from '../../ui/icons.tsx'

export type Notice = Output<Client['notices']['list']>['items'][number]

export const severities: Record<Notice['severity'], { icon: IconName; tone: string }> = {
  info: { icon: 'info', tone: 'text-info' },
  warning: { icon: 'alert', tone: 'text-warning' },
  error: { icon: 'error', tone: 'text-danger' },
}

export function noticeWords(
  notice: Notice,
  { date, dateTime, money }: Pick<Format, 'date' | 'dateTime' | 'money'>,
): { title: string; remedy: string } {
  const id = `notices.${notice.kind}`
  if (!hasText(`${id}.title`)) return { title: notice.message, remedy: notice.remedy }
  const text = (name: string) => String(notice.params[name] ?? '')
  const day = (name: string) => (text(name) === '' ? '' : date(text(name)))
  const moment = (name: string) => (text(name) === '' ? '' : dateTime(text(name)))
  const params = {
    post: subjectOf(text('text'), text('part')),
    channel: text('channel'),
    network: serverName(notice) ?? text('network'),
    connection: text('connection'),
    version: text('version'),
    count: Number(notice.params['count'] ?? 0),
    at: day('endsAt') || day('endsOn'),
    on: day('readOn'),
    since: moment('since'),
    until: moment('until'),
    ...(notice.kind === 'budget-reached' ? budgetParams(notice, money) : {}),
  }
  const special = [text('part'), text('fix'), text('holdReason'), text('cause')].find(
    (name) => name !== '' && hasText(`${id}.remedy.${name}`),
  )
  const forms = [
    ...(notice.params['full'] === undefined ? [] : ['.full']),
    ...(notice.params['sandbox'] === undefined ? [] : ['.practice']),
    ...(text('until') === '' ? [] : ['.ended']),
  ]
  const form = forms.find((name) => hasText(`${id}.title${name}`)) ?? ''
  return {
    title: t(`${id}.title${form}`, params),
    remedy: t(special === undefined ? `${id}.remedy` : `${id}.remedy.${special}`, params),
  }
}

/** A budget's days are UTC days. */
function budgetParams({ params }: Notice, money: Format['money']) {
  const currency = String(params['currency'])
  return {
    percent: Number(params['percent'] ?? 100),
    amount: money({ amount: String(params['amount']), currency }),
    used: money({ amount: String(params['used']), currency }),
    anew: utcDay(String(params['until'])),
  }
}

/** Of a network of many servers the one that it is about. */
function serverName({ kind, params }: Notice): string | undefined {
  const server = String(params['server'] ?? '')
  if (kind !== 'network-outage' || server === '' || server === 'sandbox') return undefined
  return `${String(params['network'])} (${server})`
}

function subjectOf(text: string, part: string): string {
  const quoted = text === '' ? t('notices.aPost') : t('notices.quoted', { text })
  return part === 'comment' ? t('notices.aComment', { text: quoted }) : quoted
}

/** What the network or the engine said, as it was said. */
export function noticeReason(notice: Notice): string {
  return String(notice.params['reason'] ?? '')
}

/** Where the remedy of a notice is: what waits for its account is not helped at the delivery. */
export function placeOf({
  kind,
  subject,
  params,
}: Notice): 'delivery' | 'connections' | 'installation' | 'budgets' | 'data' {
  if (kind === 'terms-unread') return 'data'
  if (subject.kind === 'installation') return 'installation'
  if (subject.kind === 'budget' || params['holdReason'] === 'budget') return 'budgets'
  return subject.kind === 'delivery' && params['holdReason'] !== 'connection' ? 'delivery' : 'connections'
}
