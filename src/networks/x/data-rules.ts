/** What X says about data read from it: how long, for what, and what ends it. Its terms change often. */
import type { DataTerm } from '../contract.ts'

const terms = 'https://docs.x.com/developer-terms'
const policy = { source: `${terms}/policy`, since: '2026-07-14', confidence: 'high' } as const
/** Who buys credits agrees to this one. */
const agreement = { source: `${terms}/ppu-agreement`, since: '2026-04-27', confidence: 'high' } as const
const restricted = {
  source: `${terms}/restricted-use-cases`,
  since: '2026-04-27',
  confidence: 'high',
} as const
const none = { keepFor: null, deleteOn: {} } as const

/** Whatever shows what stands on X has to follow it within a day. */
const asOnX = { removed: 'PT24H', request: 'PT24H' } as const

export const dataRules: readonly DataTerm[] = [
  ...['own-post', 'metric', 'profile'].map((dataClass): DataTerm => ({
    ...policy,
    id: 'X1',
    dataClass,
    keepFor: null,
    deleteOn: asOnX,
    rule: 'Follows what stands on X: gone within 24 hours after it was deleted, protected or changed there, or after X or the account’s owner asked in writing.',
  })),
  {
    ...policy,
    id: 'X1',
    dataClass: '*',
    ...none,
    use: { model: 'forbidden' },
    rule: 'Never used to train or tune a model. What others do with what they are sent is not in our hands, so nothing read from X goes to a model.',
  },
  {
    ...agreement,
    id: 'X2',
    dataClass: '*',
    keepFor: null,
    deleteOn: { terminated: null },
    rule: 'When the agreement ends, everything read from X is deleted at once; proof is due within 10 business days of being asked for it.',
  },
  {
    ...policy,
    id: 'X3',
    dataClass: 'metric',
    ...none,
    use: { export: { kind: 'limited', perPersonAndDay: 500 } },
    rule: 'Given to others as ids only; in full at most 500 objects for each person and day, by hand.',
  },
  {
    ...policy,
    id: 'X4',
    dataClass: 'profile',
    ...none,
    rule: 'An X account is matched to a person outside of X only where that person agreed.',
  },
  {
    ...restricted,
    id: 'X5',
    dataClass: '*',
    ...none,
    rule: 'Health, finances, politics, origin, religion, sexuality, union membership and crime are never inferred from it.',
  },
  {
    ...policy,
    id: 'X6',
    dataClass: '*',
    ...none,
    rule: 'A place is never kept apart from its post.',
  },
  {
    ...policy,
    id: 'X7',
    dataClass: 'direct-message',
    keepFor: null,
    deleteOn: asOnX,
    use: { showTo: 'team-of-the-channel', export: { kind: 'never' } },
    rule: 'Direct messages are shown to those who may see the account, and kept only where its owner agreed.',
  },
  {
    source: 'https://docs.x.com/x-api/fundamentals/metrics',
    since: '2026-01-01',
    confidence: 'high',
    id: 'X8',
    dataClass: 'metric',
    ...none,
    rule: 'Figures that only the owner sees can be read of posts of the last 30 days.',
  },
  {
    source: 'https://docs.x.com/changelog',
    since: '2026-04-16',
    confidence: 'high',
    id: 'X9',
    dataClass: 'own-post',
    ...none,
    rule: 'Replies only to who mentioned or quoted the account; no likes, follows or quotes; one cashtag; not the same text from several accounts; replies written by a model need X’s approval.',
  },
  {
    ...agreement,
    id: 'X10',
    dataClass: '*',
    ...none,
    rule: 'Records of calls are kept for audits: two years back, until one year after the end. They hold no content.',
  },
  {
    ...policy,
    id: 'X11',
    dataClass: '*',
    ...none,
    rule: 'No audience made from it is used for advertising outside of X, and no model is trained with it.',
  },
  {
    source: `${terms}/display-requirements`,
    since: '2026-07-14',
    confidence: 'high',
    id: 'X12',
    dataClass: 'own-post',
    ...none,
    rule: 'Shown with picture, name and handle of its author, unaltered, with X’s logo and a linked time, and no icon of another network.',
  },
]
