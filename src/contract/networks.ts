/** Networks: what each can do, straight from its definition, and the operator's app at each login. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { dataRule } from './data.ts'
import { instant, isText, notText } from './common.ts'

const fact = <Value extends z.ZodType>(value: Value) =>
  z.object({ value, source: z.string(), readOn: z.string() })

const textRules = z.object({
  maxLength: z.number(),
  maxBytes: z.number().optional(),
  counts: z.discriminatedUnion('unit', [
    z.object({ unit: z.literal('characters'), emoji: z.literal('utf8-bytes').optional() }),
    z.object({
      unit: z.literal('graphemes'),
      urlLength: z.number().optional(),
      mentions: z.literal('without-domain').optional(),
    }),
    z.object({
      unit: z.literal('weighted'),
      scale: z.number(),
      defaultWeight: z.number(),
      urlLength: z.number(),
      emojiLength: z.number(),
      ranges: z.array(z.object({ start: z.number(), end: z.number(), weight: z.number() })),
    }),
  ]),
  maxHashtags: z.number().optional(),
  maxMentions: z.number().optional(),
  maxLinks: z.number().optional(),
})
const imageRules = z.object({
  maxCount: z.number(),
  maxBytes: z.number(),
  types: z.array(z.string()),
  /** In place of `maxBytes`, by type. */
  maxBytesOf: z.record(z.string(), z.number()).optional(),
  /** Types of which a post takes one, and no other image beside it. */
  alone: z.array(z.string()).optional(),
  maxAltLength: z.number().optional(),
  aspect: z.object({ min: z.number(), max: z.number() }).optional(),
  minWidth: z.number().optional(),
  maxPixels: z.number().optional(),
})
const loginField = z.object({
  key: z.string(),
  label: z.string(),
  help: z.string(),
  isSecret: z.boolean(),
  isRequired: z.boolean(),
  /** What a simulated account is entered with. */
  sandboxValue: z.string().optional(),
})
const login = z.object({
  id: z.string(),
  name: z.string(),
  /** `consent`: on a page of the network. `form`: by the fields below, and without an app. */
  kind: z.enum(['consent', 'form']),
  fields: z.array(loginField),
  /** Whether `/connections/start` must be told the server of the account; then no app of the operator is needed. */
  needsHost: z.boolean(),
  /** Whether `/connections/start` takes the account that wants to sign in. */
  asksAccount: z.boolean(),
  /** Whether Litfass is the app itself, so that none of the operator is needed. */
  isOwnClient: z.boolean(),
  scopes: z.array(z.string()),
  /** Environment prefix of its app: `LITFASS_<settings>_CLIENT_ID`. */
  settings: z.string(),
  canMeasure: z.boolean(),
  /** Whether this login may delete, where the network can at all. */
  canDelete: z.boolean(),
  /** Whether this login may write first comments, where the network takes them at all. */
  canComment: z.boolean(),
})
export const network = z.object({
  id: z.string(),
  name: z.string(),
  color: z.string(),
  /** How a post looks there, roughly; what a preview is drawn from. */
  preview: z.object({
    order: z.enum(['text-first', 'media-first']),
    nameFirst: z.boolean(),
    showsHandle: z.boolean(),
    foldAfter: z.number().nullable(),
    mediaAspect: z.number().nullable(),
    isInset: z.boolean(),
    actions: z.array(z.enum(['like', 'comment', 'share', 'repost', 'send', 'save', 'views'])),
  }),
  logins: z.array(login),
  text: fact(textRules),
  images: fact(imageRules),
  linkPlacement: z.enum(['text', 'card']),
  /** What it takes as a first comment; null where Litfass can write none there, for the reason the source names. */
  comment: fact(z.object({ text: fact(textRules), outlivesPost: z.boolean() }).nullable()),
  needsImage: z.boolean(),
  fetchesMedia: z.boolean(),
  canDelete: z.boolean(),
  version: fact(z.object({ name: z.string(), endsOn: z.string().optional() })).nullable(),
  metrics: fact(
    z.array(
      z.object({
        name: z.string(),
        remoteName: z.string(),
        of: z.enum(['post', 'channel']),
        period: z.enum(['lifetime', 'day']),
      }),
    ),
  ),
  quotas: fact(
    z.array(
      z.object({
        name: z.string(),
        counts: z.array(z.string()),
        limit: z.number(),
        windowSeconds: z.number(),
        per: z.enum(['channel', 'connection', 'app']),
      }),
    ),
  ),
  /** What the network's terms say about data read from it. */
  dataTerms: fact(z.array(dataRule)),
})

/** The operator's app at one login. The secret never leaves the server. */
export const networkApp = z.object({
  login: z.string(),
  network: z.string(),
  name: z.string(),
  /** Where its credentials come from; null where none are set. Stored ones win. */
  source: z.enum(['stored', 'environment']).nullable(),
  clientId: z.string().nullable(),
  updatedAt: instant.nullable(),
  /** The app’s own token, by which the network tells what it counted; null where there is none. It never leaves the server. */
  token: z
    .object({
      /** What the network calls it. */
      label: z.string(),
      /** The environment’s setting. */
      setting: z.string(),
      source: z.enum(['stored', 'environment']).nullable(),
      updatedAt: instant.nullable(),
    })
    .nullable(),
  /** What to enter at the network as redirect address. */
  redirectUri: z.string(),
  /** What to enter at the network as the addresses it calls when people leave; none for most networks. */
  callbacks: z.array(z.object({ kind: z.enum(['deauthorize', 'data-deletion']), url: z.string() })),
})

export const networks = {
  list: oc
    .route({ method: 'GET', path: '/networks', summary: 'Networks and what each can do' })
    .output(z.object({ items: z.array(network) })),
  guide: oc
    .route({ method: 'GET', path: '/networks/{id}/guide', summary: 'How to register an app, field by field' })
    .input(z.object({ id: z.string().max(40) }))
    .output(z.object({ markdown: z.string() })),
}

export const networkApps = {
  list: oc
    .route({ method: 'GET', path: '/network-apps', summary: 'Your apps at the networks' })
    .output(z.object({ items: z.array(networkApp) })),
  save: oc
    .route({ method: 'PUT', path: '/network-apps/{login}', summary: 'Keep an app’s id and secret, sealed' })
    .input(
      z.object({
        login: z.string().max(40),
        clientId: z.string().trim().min(1).max(500).refine(isText, notText),
        clientSecret: z.string().trim().max(2_000),
      }),
    )
    .output(networkApp),
  remove: oc
    .route({ method: 'DELETE', path: '/network-apps/{login}', summary: 'Forget an app' })
    .input(z.object({ login: z.string().max(40) }))
    .output(networkApp),
  saveToken: oc
    .route({
      method: 'PUT',
      path: '/network-apps/{login}/token',
      summary: 'Keep an app’s own token, sealed, by which the network tells what it counted',
    })
    .input(
      z.object({
        login: z.string().max(40),
        token: z
          .string()
          .trim()
          .min(1)
          .max(2_000)
          .regex(/^[!-~]*$/, 'has letters that no token has'),
      }),
    )
    .output(networkApp),
  removeToken: oc
    .route({ method: 'DELETE', path: '/network-apps/{login}/token', summary: 'Forget an app’s own token' })
    .input(z.object({ login: z.string().max(40) }))
    .output(networkApp),
}
