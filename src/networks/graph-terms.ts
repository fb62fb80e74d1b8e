/** What Meta's terms say alike of all its networks. */
import type { DataTerm } from './contract.ts'

const terms = {
  source: 'https://developers.facebook.com/terms',
  since: '2026-02-03',
  confidence: 'high',
} as const
const none = { keepFor: null, deleteOn: {} } as const

/** Platform Terms of 2026-02-03. `accountClass` is what the network calls data about accounts. */
export function platformTerms(accountClass: string): DataTerm[] {
  return [
    {
      ...terms,
      id: 'M1',
      dataClass: 'own-post',
      keepFor: null,
      deleteOn: { removed: null, request: null, terminated: null },
      rule: 'The id and link of an own post stay as long as their purpose lives; gone when the post is, or the person, the operator or Meta asks.',
    },
    {
      ...terms,
      id: 'M1',
      dataClass: 'metric',
      keepFor: null,
      deleteOn: { removed: null, disconnected: null, request: null, terminated: null },
      rule: 'Kept as long as its purpose lives, so not beyond the connection, and gone when the person or Meta asks; figures derived from it count as the same data.',
    },
    {
      ...terms,
      id: 'M1',
      dataClass: 'comment',
      keepFor: null,
      deleteOn: { removed: null, disconnected: null, request: null, terminated: null },
      rule: 'Looked through for our own comment; nothing of others is kept.',
    },
    {
      ...terms,
      id: 'M1',
      dataClass: '*',
      ...none,
      use: { model: 'forbidden' },
      rule: 'Models are not named, but data may be used for the documented purposes only (3.a.viii) and for no profiles without consent (3.a.v); Litfass documents no purpose that needs a model.',
    },
    {
      ...terms,
      id: 'M1',
      dataClass: accountClass,
      keepFor: null,
      deleteOn: { disconnected: null, request: null, terminated: null },
      rule: 'Deleted when the connection ends or the person asks for it.',
    },
    {
      ...terms,
      id: 'M2',
      dataClass: '*',
      keepFor: null,
      deleteOn: { request: null },
      source:
        'https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback',
      rule: 'Whoever asks Meta to have their data deleted gets a code and a page with the state at once, and the deletion without delay.',
    },
    {
      ...terms,
      id: 'M3',
      dataClass: '*',
      ...none,
      rule: 'Records of accesses are kept for audits, until one year after everything was proved deleted. They hold no content.',
    },
    {
      ...terms,
      id: 'M4',
      dataClass: '*',
      ...none,
      rule: 'Data of one client is never mixed with another’s.',
    },
    {
      ...terms,
      id: 'M5',
      dataClass: accountClass,
      ...none,
      rule: 'A permission that is not used for 28 days may be taken away without a word.',
    },
  ]
}
