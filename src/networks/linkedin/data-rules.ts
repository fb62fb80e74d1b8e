/** What LinkedIn says about data read from it. Its clocks are the shortest of all networks. */
import type { DataTerm } from '../contract.ts'

const docs = 'https://learn.microsoft.com/en-us/linkedin'
const storage = {
  source: `${docs}/marketing/data-storage-requirements`,
  since: '2022-12-09',
  confidence: 'high',
} as const
const apiTerms = {
  source: 'https://www.linkedin.com/legal/l/api-terms-of-use',
  since: '2022-12-13',
  confidence: 'high',
} as const
const none = { keepFor: null, deleteOn: {} } as const
/** Data about people never leaves Litfass, and only the team of the page or profile sees it. */
const aboutMembers = { showTo: 'team-of-the-channel', export: { kind: 'never' } } as const

export const dataRules: readonly DataTerm[] = [
  {
    ...storage,
    id: 'L1',
    dataClass: 'member-profile',
    keepFor: 'PT24H',
    deleteOn: { removed: null },
    use: { showFor: 'PT24H', ...aboutMembers },
    rule: 'Names, headlines and pictures of other members: a cache of 24 hours, never stored.',
  },
  {
    ...storage,
    id: 'L2',
    dataClass: 'member-activity',
    keepFor: 'PT48H',
    deleteOn: { removed: null },
    use: { showFor: 'PT48H', ...aboutMembers },
    rule: 'Comments, reactions, mentions and posts of members, with all that goes along: 48 hours.',
  },
  {
    ...storage,
    id: 'L3',
    dataClass: 'organisation-activity',
    keepFor: 'P6M',
    deleteOn: {},
    confidence: 'medium',
    rule: 'What an organisation that signed in does itself: 6 months.',
  },
  {
    ...storage,
    id: 'L3',
    dataClass: 'other-organisation-activity',
    keepFor: 'P42D',
    deleteOn: {},
    confidence: 'medium',
    rule: 'What other organisations do: 6 weeks.',
  },
  {
    ...storage,
    id: 'L4',
    dataClass: 'metric',
    keepFor: 'P1Y',
    deleteOn: {},
    rule: 'Statistics of a page, without single members: one year.',
  },
  {
    ...storage,
    id: 'L4',
    dataClass: 'page-profile',
    keepFor: 'P1Y',
    deleteOn: {},
    rule: 'Administration data of a page, such as its name: one year after it was read last.',
  },
  {
    ...storage,
    id: 'L5',
    dataClass: 'own-profile',
    keepFor: null,
    deleteOn: { disconnected: null, request: null },
    rule: 'Id and profile of the member who signed in: as long as they use Litfass; gone at once when they ask or leave.',
  },
  {
    ...storage,
    id: 'L6',
    dataClass: 'member-metric',
    keepFor: 'PT48H',
    deleteOn: { disconnected: null, removed: null },
    use: aboutMembers,
    confidence: 'low',
    rule: 'Figures of a member’s own posts are in no class of LinkedIn’s list, so they die like activity, after 48 hours.',
  },
  {
    ...apiTerms,
    id: 'L7',
    dataClass: '*',
    keepFor: null,
    deleteOn: { request: null, terminated: null },
    rule: 'When the agreement or the use ends, or LinkedIn or the person asks, everything is deleted at once.',
  },
  {
    source: `${docs}/marketing/restricted-use-cases`,
    since: '2022-12-09',
    confidence: 'high',
    id: 'L8',
    dataClass: '*',
    ...none,
    rule: 'Data about members is not used for selling, recruiting, advertising or lists of customers, and is shown in no feed on a site.',
  },
  {
    source: `${docs}/marketing/restricted-use-cases`,
    since: '2022-12-09',
    confidence: 'high',
    id: 'L8',
    dataClass: '*',
    ...none,
    use: { model: 'unclear' },
    rule: 'Models are not named. Use is limited to the application, and whether a model run by somebody else is a third party is open.',
  },
  {
    ...apiTerms,
    id: 'L9',
    dataClass: 'own-post',
    ...none,
    rule: 'Posts are not written and published without a person: who approved which text, and when, is kept.',
  },
  {
    ...apiTerms,
    id: 'L10',
    dataClass: 'own-post',
    keepFor: null,
    deleteOn: { request: null },
    rule: 'Kept so that what came from LinkedIn, such as the id and link of a post, can be told apart and deleted alone.',
  },
]
