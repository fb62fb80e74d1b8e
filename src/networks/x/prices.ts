/**
 * What X charges, plan by plan since 2023, as dated entries.
 *
 * Under pay-per-use a read pays for each resource that comes back, a write for each request that succeeds, and the
 * same resource once in a UTC day, which X promises softly. Names beginning with `event.` are pushed by X.
 */
import type { Conditions, PriceBook, PriceEntry, Tariff } from '#domain/prices.ts'

const readOn = '2026-11-23'
/** X's own documentation as of 2026-08-22. */
const docs = 'https://github.com/xdevplatform/docs/blob/287132819074964da9c1c410ba02df5a06c932d3'
const pricing = `${docs}/x-api/getting-started/pricing.mdx`
const changelog = `${docs}/changelog.mdx`
/** The tables of plans as they stood in the first version of that repository, 2024-12-12, and through 2025. */
const plans2024 = 'https://github.com/xdevplatform/docs/commit/87537252'
const plans2025 = 'https://github.com/xdevplatform/docs/commit/87fffbd1'
/** The announcement as the press restated it. */
const announced = 'https://voi.id/ar/teknologi/268354'
const enterprisePress =
  'https://gameinfinitus.com/news/microsoft-disables-game-clip-sharing-to-twitter-from-xbox-consoles-and-windows-game-bar'

const posts = ['post.create', 'comment.create']
/** Reads of posts at addresses below `/2/users/{id}`, which are cheaper for the owner of the app. */
const ownPostReads = ['timeline.read', 'mention.read', 'bookmark.read', 'liked-post.read']
const postReads = [...ownPostReads, 'post.lookup', 'post.search']

type Period = Pick<PriceEntry, 'from' | 'to' | 'note' | 'source' | 'confidence'>
type Place = Period & { plan: string }
/** A period of its own narrows the one of its place. */
type NamedTariff = readonly [name: string, tariff: Tariff, period?: Partial<Period>]

function entries(place: Place, tariffs: readonly NamedTariff[]): PriceEntry[] {
  return tariffs.map(([name, tariff, period]) => {
    const facts = { ...place, ...period }
    const since = facts.from ?? 'always'
    return { key: `${place.plan}:${name}:${since}`, readOn, ...facts, ...tariff }
  })
}

function item(price: string, calls: readonly string[], when?: Conditions): Tariff {
  return { unit: 'item', calls, price, dedupe: 'utc-day', ...(when === undefined ? {} : { when }) }
}
function request(price: string, calls: readonly string[], when?: Conditions): Tariff {
  return { unit: 'request', calls, price, ...(when === undefined ? {} : { when }) }
}
const event = (price: string, ...calls: string[]): Tariff => ({ unit: 'event', calls, price })
const month = (price: string): Tariff => ({ unit: 'month', price })
const reads = (size: number): Tariff => ({
  unit: 'bundle',
  calls: postReads,
  counts: 'item',
  size,
  window: 'month',
})
const writes = (size: number): Tariff => ({
  unit: 'bundle',
  calls: posts,
  counts: 'request',
  size,
  window: 'month',
})

const byCycle = 'Counted by the billing cycle of X, not by the calendar month.'

const payPerUse = entries({ plan: 'pay-per-use', from: '2026-04-20', source: pricing, confidence: 'high' }, [
  ['post-with-link', request('0.200', posts, { hasLink: true })],
  ['post', request('0.015', posts, { hasLink: false })],
  [
    'summoned-reply',
    request('0.010', posts, { isSummoned: true }),
    { note: 'Whether a link in such a reply costs more is not written; the dearer price is taken.' },
  ],
  ['post-read', item('0.005', postReads)],
  [
    'owned-read',
    item('0.001', [...ownPostReads, 'follower.read', 'blocked.read', 'muted.read', 'own-list.read'], {
      isOwned: true,
    }),
    { note: 'Only where the account that is read owns the developer app.' },
  ],
  ['post-read-cap', reads(2_000_000), { to: '2026-08-13', note: byCycle }],
  ['post-read-cap', reads(3_000_000), { from: '2026-08-13', note: byCycle }],
  ['user-read', item('0.010', ['user.read', 'dm.read', 'follower.read'])],
  ['object-read', item('0.005', ['list.read', 'own-list.read', 'space.read', 'community.read', 'note.read'])],
  ['relation-read', item('0.001', ['like.read', 'muted.read', 'blocked.read']), { from: '2026-06-18' }],
  ['profile-update-read', item('0.005', ['profile-update.read']), { from: '2026-06-18' }],
  [
    'analytics-read',
    item('0.005', ['media.read', 'post.analytics']),
    { to: '2026-06-18', note: 'Left the list on that day; no price has been written since.' },
  ],
  ['direct-message', request('0.015', ['dm.create'])],
  ['interaction', request('0.015', ['interaction.create'])],
  ['deletion', request('0.010', ['post.delete', 'interaction.delete'])],
  ['management', request('0.005', ['content.manage', 'list.manage', 'bookmark.manage', 'mute.delete'])],
  ['list', request('0.010', ['list.create'])],
  ['alt-text', request('0.005', ['media.metadata'])],
  ['privacy', request('0.010', ['privacy.update'])],
  ['recent-count', request('0.005', ['count.recent'])],
  ['full-count', request('0.010', ['count.all'])],
  ['trends', request('0.010', ['trend.read']), { from: '2026-06-18' }],
  [
    'unlisted',
    {
      unit: 'request',
      calls: ['media.upload', 'media.analytics', 'post.hide', 'usage.read', 'article.create', 'oauth.token'],
      price: null,
    },
    { note: 'On no price list of X, which does not say either that they are free.' },
  ],
  [
    'unlisted-analytics',
    { unit: 'item', calls: ['media.read', 'post.analytics'], price: null },
    { from: '2026-06-18', note: 'Left the list on that day; no price has been written since.' },
  ],
])

const events = entries({ plan: 'pay-per-use', from: '2026-04-20', source: pricing, confidence: 'high' }, [
  ['post-event', event('0.005', 'event.post.create')],
  [
    'answer-event',
    event('0.005', 'event.post.mention', 'event.post.reply', 'event.post.quote', 'event.post.repost'),
    { confidence: 'medium', note: 'Billed as a post by the page about activity; not on the price list.' },
  ],
  [
    'deletion-event',
    event('0', 'event.post.delete'),
    { confidence: 'medium', note: 'The page about activity says that it is billed as a post.' },
  ],
  ['follow-event', event('0.010', 'event.follow', 'event.unfollow')],
  ['relation-event', event('0.001', 'event.mute', 'event.block'), { from: '2026-07-21' }],
  ['profile-event', event('0.005', 'event.profile')],
  ['message-event', event('0.010', 'event.dm.received', 'event.chat.received')],
  ['own-message-event', event('0', 'event.dm.sent', 'event.dm.read', 'event.dm.typing', 'event.chat.sent')],
  ['news-event', event('0.005', 'event.news', 'event.space')],
])

/** Metering before the prices of 2026-04-20. */
const earlierMetering = [
  ...entries(
    {
      plan: 'pay-per-use-pilot',
      from: '2025-10-20',
      to: '2026-02-06',
      source: changelog,
      confidence: 'high',
    },
    [
      ['post', request('0.010', posts)],
      ['post-read', item('0.005', postReads)],
      ['user-read', item('0.010', ['user.read', 'dm.read'])],
      ['direct-message', request('0.010', ['dm.create'])],
      ['interaction', request('0.015', ['interaction.create'])],
    ],
  ),
  ...entries(
    {
      plan: 'pay-per-use',
      from: '2026-02-06',
      to: '2026-04-20',
      source: changelog,
      confidence: 'medium',
      note: 'Carried over from the pilot.',
    },
    [
      ['post', request('0.010', posts)],
      ['post-read', item('0.005', postReads)],
      ['user-read', item('0.010', ['user.read', 'dm.read'])],
      ['post-read-cap', reads(2_000_000), { from: '2026-02-17', confidence: 'high', note: byCycle }],
    ],
  ),
]

const changedBetween = 'Changed on a day between 2024-12-12 and 2025-05-06.'
const customPrice = 'From the press; X publishes no price of it.'
const monthOnly = 'Only the month is known.'

/** Plans by the month, most of them ended. What a plan covers beyond its bundles is not written. */
const monthly = [
  ...entries({ plan: 'essential', to: '2023-04-29', source: announced, confidence: 'medium' }, [
    ['fee', month('0')],
    ['reads', reads(500_000)],
  ]),
  ...entries({ plan: 'elevated', to: '2023-04-29', source: announced, confidence: 'medium' }, [
    ['fee', month('0')],
    ['reads', reads(2_000_000)],
  ]),
  ...entries(
    { plan: 'free', from: '2023-03-29', to: '2026-02-06', source: plans2025, confidence: 'medium' },
    [
      ['fee', month('0')],
      ['writes', writes(1_500), { to: '2025-05-06', source: plans2024, note: changedBetween }],
      ['reads', reads(0), { to: '2025-05-06', source: plans2024, note: changedBetween }],
      [
        'writes',
        writes(500),
        { from: '2025-07-23', note: 'Known from that day; it may have begun earlier.' },
      ],
      ['reads', reads(100), { from: '2025-05-06', note: 'Known from that day; it may have begun earlier.' }],
    ],
  ),
  ...entries(
    {
      plan: 'basic',
      from: '2023-03-29',
      to: '2024-10-01',
      source: plans2024,
      confidence: 'medium',
      note: `${monthOnly} The documentation still showed this price on 2024-12-12.`,
    },
    [
      ['fee', month('100')],
      ['writes', writes(50_000), { note: 'For the app; each user 3,000.' }],
      ['reads', reads(10_000)],
    ],
  ),
  ...entries(
    { plan: 'basic', from: '2024-10-01', to: '2026-06-01', source: plans2025, confidence: 'medium' },
    [
      [
        'fee',
        month('200'),
        { note: 'Or 2,100 a year. Moved to pay-per-use at the end of each billing cycle.' },
      ],
      ['writes', writes(50_000)],
      ['reads', reads(15_000)],
    ],
  ),
  ...entries({ plan: 'pro', from: '2023-05-01', to: '2026-09-01', source: plans2025, confidence: 'medium' }, [
    ['fee', month('5000'), { note: `Or 54,000 a year. ${monthOnly}` }],
    ['writes', writes(300_000)],
    ['reads', reads(1_000_000)],
  ]),
  ...entries({ plan: 'enterprise-50m', from: '2023-03-01', source: enterprisePress, confidence: 'medium' }, [
    ['fee', month('42000'), { note: customPrice }],
    ['reads', reads(50_000_000)],
  ]),
  ...entries({ plan: 'enterprise-200m', from: '2023-03-01', source: enterprisePress, confidence: 'medium' }, [
    ['fee', month('210000'), { note: customPrice }],
    ['reads', reads(200_000_000)],
  ]),
]

export const priceBook: PriceBook = {
  currency: 'USD',
  plans: [
    { id: 'pay-per-use', name: 'Pay per use' },
    { id: 'pay-per-use-pilot', name: 'Pay per use, pilot' },
    { id: 'free', name: 'Free' },
    { id: 'basic', name: 'Basic' },
    { id: 'pro', name: 'Pro' },
    { id: 'enterprise-50m', name: 'Enterprise, 50 million posts' },
    { id: 'enterprise-200m', name: 'Enterprise, 200 million posts' },
    { id: 'essential', name: 'Essential' },
    { id: 'elevated', name: 'Elevated' },
  ],
  defaultPlan: 'pay-per-use',
  figures: { post: 'post.lookup', channel: 'user.read' },
  entries: [...payPerUse, ...events, ...earlierMetering, ...monthly],
}
