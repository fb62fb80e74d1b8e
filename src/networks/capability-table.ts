/** The page about what each network can do, written from the definitions alone. */
import type { EndReason, Period } from '#domain/retention.ts'
import type { PriceEntry } from '#domain/prices.ts'
import { count, list, sourceOf, table, yes, yesBut } from './capability-kit.ts'
import { commentRules, firstComment, lostAnswer, textLimit, textRules } from './capability-text.ts'
import type { NetworkDefinition, Quota } from './contract.ts'

export function capabilityPage(definitions: readonly NetworkDefinition[]): string {
  return [
    '<!-- Generated from the definitions by `npm run gen`. Do not edit. -->',
    '# What each network can do',
    '',
    'Every figure comes from the definition of the network that Litfass itself counts, checks and prices with.',
    'Below each table stands where its figures were read, and on which day.',
    '',
    ...overview(definitions),
    ...definitions.flatMap(chapter),
  ].join('\n')
}

function overview(definitions: readonly NetworkDefinition[]): string[] {
  return [
    ...table(
      ['', ...definitions.map(({ name }) => name)],
      [
        ['Text, at most', ...definitions.map(({ text }) => textLimit(text.value))],
        ['Images, at most', ...definitions.map(({ images }) => String(images.value.maxCount))],
        ['A post without an image', ...definitions.map(({ needsImage }) => yes(!needsImage))],
        ['Where a link goes', ...definitions.map(linkPlace)],
        ['Pictures are', ...definitions.map(mediaWay)],
        ['A first comment', ...definitions.map(firstComment)],
        ['Deleting from Litfass', ...definitions.map(deletion)],
        ['Figures', ...definitions.map(figures)],
        ['API version', ...definitions.map(versionOf)],
        ['A post costs', ...definitions.map(postPrice)],
      ],
    ),
    '',
  ]
}

function linkPlace({ linkPlacement }: NetworkDefinition): string {
  return linkPlacement === 'text' ? 'in the text' : 'on a card; beside images, in the text'
}

function mediaWay({ fetchesMedia }: NetworkDefinition): string {
  return fetchesMedia ? 'fetched from your server' : 'uploaded'
}

function figures({ logins }: NetworkDefinition): string {
  return yesBut(logins.filter((login) => login.canMeasure === false))
}

function deletion({ canDelete, logins }: NetworkDefinition): string {
  return canDelete ? yesBut(logins.filter((login) => login.canDelete === false)) : 'no'
}

function versionOf({ version }: NetworkDefinition): string {
  if (!version) return 'none'
  const { name, endsOn } = version.value
  return endsOn === undefined ? name : `${name}, until ${endsOn}`
}

/** What holds as shipped by the plan nobody chose. */
function present({ priceBook: { entries, defaultPlan } }: NetworkDefinition): PriceEntry[] {
  return entries.filter(({ plan, to }) => plan === defaultPlan && to === undefined)
}

function postPrice(definition: NetworkDefinition): string {
  const own = present(definition).flatMap((entry) =>
    entry.unit === 'request' && entry.calls.includes('post.create') ? [entry] : [],
  )
  const known = own.filter(({ price }) => price !== null)
  if (known.length === 0) return 'not published'
  if (known.every(({ price }) => Number(price) === 0)) return 'nothing'
  return known
    .map((entry) => `${entry.price} ${definition.priceBook.currency}${conditionNote(entry)}`)
    .join(', ')
}

function conditionNote(entry: PriceEntry): string {
  const { hasLink, isOwned, isSummoned } = ('when' in entry ? entry.when : undefined) ?? {}
  return [
    hasLink === undefined ? '' : hasLink ? ' with a link' : ' without a link',
    isOwned === true ? ' of the account that owns the app' : '',
    isSummoned === true ? ' for an answer to a mention' : '',
  ].join('')
}

function chapter(definition: NetworkDefinition): string[] {
  return [
    `## ${definition.name}`,
    '',
    ...logins(definition),
    '### Text',
    '',
    ...textRules(definition.text.value),
    ...sourceOf(definition.text),
    '### Images',
    '',
    ...imageRules(definition),
    ...sourceOf(definition.images),
    '### Quotas',
    '',
    ...quotas(definition),
    ...sourceOf(definition.quotas),
    '### Prices',
    '',
    ...prices(definition),
    '### Figures',
    '',
    ...metrics(definition),
    ...sourceOf(definition.metrics),
    '### What is read, and how long it may be kept',
    '',
    ...dataTerms(definition),
    ...sourceOf(definition.dataTerms),
    ...(definition.version
      ? ['### Version', '', versionOf(definition), '', ...sourceOf(definition.version)]
      : []),
    '### A lost answer',
    '',
    ...lostAnswer(definition.find.value),
    ...sourceOf(definition.find),
    '### The first comment',
    '',
    ...commentRules(definition),
  ]
}

function logins({ logins: all }: NetworkDefinition): string[] {
  const renewals = {
    'own-token': 'by itself, while it is alive',
    'refresh-token': 'by itself, where the network gives a refresh token',
    'not-needed': 'not needed: tokens of channels do not age',
  }
  const rows = all.map(
    ({ id, name, scopes, settings, renewal, canMeasure, kind, needsHost, isOwnClient }) => [
      name,
      `\`${id}\``,
      scopes.map((scope) => `\`${scope}\``).join(' '),
      renewals[renewal],
      yes(canMeasure !== false),
      kind === 'form'
        ? 'needs none'
        : needsHost
          ? 'registered by Litfass'
          : isOwnClient
            ? 'Litfass itself'
            : `\`LITFASS_${settings}_CLIENT_ID\``,
    ],
  )
  return [
    ...table(['Login', 'Id', 'Permissions asked for', 'Renewal', 'Figures', 'Setting of its app'], rows),
    '',
  ]
}

function imageRules(definition: NetworkDefinition): string[] {
  const { maxCount, maxBytes, types, maxAltLength, aspect, minWidth, maxPixels } = definition.images.value
  const { maxBytesOf = {}, alone = [] } = definition.images.value
  const name = (type: string) => type.replace('image/', '').toUpperCase()
  return list([
    `at most ${maxCount} of ${types.map(name).join(', ')}`,
    alone.length === 0 ? null : `or one ${alone.map(name).join(' or ')} alone`,
    `at most ${count(maxBytes)} bytes each`,
    ...Object.entries(maxBytesOf).map(([type, bytes]) => `at most ${count(bytes)} bytes for a ${name(type)}`),
    aspect ? `width to height from ${aspect.min} to ${aspect.max}` : null,
    minWidth === undefined ? null : `at least ${minWidth} pixels wide`,
    maxPixels === undefined ? null : `at most ${count(maxPixels)} pixels`,
    maxAltLength === undefined ? null : `alt texts of at most ${count(maxAltLength)} characters`,
    definition.needsImage ? 'at least one for each post' : null,
  ])
}

function quotas({ quotas: { value } }: NetworkDefinition): string[] {
  const rows = value.map((quota) => [
    quota.name,
    quota.counts.map((name) => `\`${name}\``).join(' '),
    `${count(quota.limit)} in ${duration(quota)}`,
    quota.per,
  ])
  return [...table(['Quota', 'Counts', 'Limit', 'For each'], rows), '']
}

function duration({ windowSeconds }: Quota): string {
  if (windowSeconds % 86_400 === 0) return hours(windowSeconds / 3_600)
  return windowSeconds % 3_600 === 0 ? hours(windowSeconds / 3_600) : `${windowSeconds / 60} minutes`
}

const hours = (number: number) => (number === 1 ? '1 hour' : `${number} hours`)

function prices(definition: NetworkDefinition): string[] {
  const { plans, defaultPlan, currency } = definition.priceBook
  const own = present(definition)
  const rows = own.map((entry) => [
    subject(entry),
    `${amount(entry, currency)}${conditionNote(entry)}`,
    entry.from ?? 'not known',
  ])
  const name = plans.find(({ id }) => id === defaultPlan)?.name
  const others = plans.filter(({ id }) => id !== defaultPlan).map((plan) => plan.name)
  return [
    `By the plan ${name}, as shipped; see [the price book](prices.md).`,
    '',
    ...table(['For', 'Price', 'Since'], rows),
    '',
    ...(others.length === 0 ? [] : [`Other plans in the book: ${others.join(', ')}.`, '']),
    ...[...new Set(own.map(({ source }) => source))].flatMap((source) =>
      sourceOf({ value: null, source, readOn: own.find((entry) => entry.source === source)?.readOn ?? '' }),
    ),
  ]
}

function subject(entry: PriceEntry): string {
  return entry.unit === 'month' ? 'the plan' : entry.calls.map((call) => `\`${call}\``).join(' ')
}

function amount(entry: PriceEntry, currency: string): string {
  if (entry.unit === 'formula') return `${entry.formula} allowed, as ${entry.toldBy} tells`
  if (entry.unit === 'bundle') {
    const size = entry.size === null ? 'so many that nobody says' : count(entry.size)
    return `${size} ${entry.counts}s in a ${entry.window}, then refused`
  }
  const price = entry.price === null ? 'unknown' : `${entry.price} ${currency}`
  return entry.unit === 'month' ? `${price} a month` : `${price} for each ${entry.unit}`
}

function metrics({ metrics: { value } }: NetworkDefinition): string[] {
  const rows = value.map(({ name, remoteName, of, period }) => [
    name,
    `\`${remoteName}\``,
    of,
    period === 'day' ? 'a day' : 'its whole life',
  ])
  return [...table(['Figure', 'Its name at the network', 'Of', 'Over'], rows), '']
}

function dataTerms({ dataTerms: { value } }: NetworkDefinition): string[] {
  const rows = value.map(({ id, dataClass, keepFor, deleteOn, rule, since, source }) => [
    id,
    dataClass === '*' ? 'all' : dataClass,
    keepFor === null ? 'no fixed time' : period(keepFor),
    Object.keys(deleteOn)
      .map((reason) => endings[reason as EndReason])
      .join(', ') || '–',
    `${rule} [${since}](${source})`,
  ])
  return [...table(['', 'Data', 'Kept for', 'Deleted when', 'Rule, and the day of its text'], rows), '']
}

const endings: Record<EndReason, string> = {
  removed: 'the post is gone',
  disconnected: 'the account is disconnected',
  request: 'somebody asks',
  terminated: 'the agreement ends',
}

function period(kept: Period): string {
  const [, count = '', unit = ''] = /(\d+)([HDMY])$/.exec(kept) ?? []
  const word = { H: 'hour', D: 'day', M: 'month', Y: 'year' }[unit]
  return `${count} ${word}${count === '1' ? '' : 's'}`
}
