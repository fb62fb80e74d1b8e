/** Connections: the grants we hold; and the channels each of them reaches. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { id, instant } from './common.ts'

const limit = z.number().int().positive().optional()
const ownLimits = z.object({
  maxLength: limit,
  /** What a link counts, whatever its length. */
  urlLength: limit,
  maxCount: limit,
  maxBytes: limit,
  maxAltLength: limit,
})
export const channel = z.object({
  id,
  connectionId: id,
  network: z.string(),
  kind: z.string(),
  name: z.string(),
  handle: z.string().nullable(),
  url: z.string().nullable(),
  sandbox: z.boolean(),
  /** `offered`: reachable, not added. Only `active` ones can be published to. */
  state: z.enum(['offered', 'active', 'removed']),
  /** The connection's, so that a client can say why a channel does not work. */
  connectionState: z.enum(['active', 'needs-reauthorisation', 'disconnected']),
  /**
   * What the account's own server takes, in networks of many, as it said when the account was connected or checked.
   * They stand in place of the network's text and image limits of the same name; null where it said nothing.
   */
  ownLimits: ownLimits.nullable(),
})
/** A network is out of order: what it cannot do at the moment, and since when. */
export const outage = z.object({
  ability: z.enum(['publish', 'read', 'connect']),
  /** `down`: no usable answer; `unauthorised`: it accepts nobody's access. */
  cause: z.enum(['down', 'unauthorised']),
  since: instant,
})
export const connection = z.object({
  id,
  network: z.string(),
  login: z.string(),
  name: z.string(),
  sandbox: z.boolean(),
  state: z.enum(['active', 'needs-reauthorisation', 'disconnected']),
  stateReason: z.string().nullable(),
  scopes: z.array(z.string()),
  createdAt: instant,
  accessExpiresAt: instant.nullable(),
  refreshExpiresAt: instant.nullable(),
  dataAccessExpiresAt: instant.nullable(),
  /** When a person must act for this to go on: the earliest end nothing renews by itself. */
  endsAt: instant.nullable(),
  /** YYYY-MM-DD on which the API version in use ends, by the definition. */
  versionEndsOn: z.string().nullable(),
  /** Of its network, at the server of this account. What is due waits meanwhile, and no account is to blame. */
  outages: z.array(outage),
  channels: z.array(channel),
})
export const connected = z.object({ connection, channels: z.array(channel) })
const grant = z.object({
  accessToken: z.string().min(1).max(10_000),
  refreshToken: z.string().min(1).max(10_000).optional(),
  expiresAt: instant.optional(),
  scopes: z.array(z.string()).default([]),
})
/** The server of the account, for logins that need it; a bare name means https. */
const host = z.string().max(300)
export const check = z.object({
  name: z.string(),
  ok: z.boolean(),
  message: z.string(),
  remedy: z.string().optional(),
})
/** What a disconnect would touch, listed before it is done. */
export const impact = z.object({
  connectionId: id,
  channels: z.array(channel),
  /** Deliveries that would be held; at most 200 are listed. */
  deliveries: z.array(z.object({ id, postId: id, channelId: id, text: z.string(), dueAt: instant })),
  deliveryCount: z.number().int(),
})

export const connections = {
  list: oc
    .route({ method: 'GET', path: '/connections', summary: 'Connections with their channels' })
    .output(z.object({ items: z.array(connection) })),
  show: oc
    .route({ method: 'GET', path: '/connections/{id}', summary: 'One connection' })
    .input(z.object({ id }))
    .output(connection),
  start: oc
    .route({
      method: 'POST',
      path: '/connections/start',
      summary: 'Start a consent, also to renew one; send the person to the url',
    })
    .input(
      z.object({
        login: z.string().max(40),
        sandbox: z.boolean().default(false),
        host: host.optional(),
        /** Who wants to sign in, for logins that ask: a handle, or a server. */
        account: z.string().trim().max(300).optional(),
      }),
    )
    .output(z.object({ url: z.string(), state: z.string() })),
  add: oc
    .route({
      method: 'POST',
      path: '/connections',
      summary: 'Add a sandbox connection, or a grant that exists already; all its channels become active',
      successStatus: 201,
    })
    .input(
      z.object({
        login: z.string().max(40),
        sandbox: z.boolean().default(false),
        host: host.optional(),
        grant: grant.optional(),
      }),
    )
    .output(connected),
  signIn: oc
    .route({
      method: 'POST',
      path: '/connections/sign-in',
      summary: 'Connect an account by the fields of a login that has a form; all its channels become active',
      successStatus: 201,
    })
    .input(
      z.object({
        login: z.string().max(40),
        sandbox: z.boolean().default(false),
        fields: z.record(z.string().max(40), z.string().max(2_000)),
      }),
    )
    .output(connected),
  choose: oc
    .route({
      method: 'PUT',
      path: '/connections/{id}/channels',
      summary: 'Choose which of the offered channels to use; one with something scheduled cannot be left out',
    })
    .input(z.object({ id, channelIds: z.array(id).max(500) }))
    .output(connected),
  impact: oc
    .route({ method: 'GET', path: '/connections/{id}/impact', summary: 'What a disconnect would touch' })
    .input(z.object({ id }))
    .output(impact),
  check: oc
    .route({
      method: 'GET',
      path: '/connections/{id}/check',
      summary:
        'Readiness of each active channel; asks the network, which may cost, so it needs the role editor',
    })
    .input(z.object({ id }))
    .output(z.object({ items: z.array(z.object({ channelId: id, checks: z.array(check) })) })),
  remove: oc
    .route({
      method: 'DELETE',
      path: '/connections/{id}',
      summary: 'Disconnect; posts are kept, what is scheduled is held',
    })
    .input(z.object({ id }))
    .output(z.object({ connectionId: id, channels: z.number().int(), heldDeliveries: z.number().int() })),
}

const channelReading = z.object({
  metric: z.string(),
  value: z.number(),
  day: z.string().nullable(),
  readAt: instant,
})

export const channels = {
  list: oc
    .route({ method: 'GET', path: '/channels', summary: 'Channels one can publish to' })
    .output(z.object({ items: z.array(channel) })),
  check: oc
    .route({
      method: 'GET',
      path: '/channels/{id}/check',
      summary:
        'Readiness of a channel, in plain words; asks the network, which may cost, so it needs the role editor',
    })
    .input(z.object({ id }))
    .output(z.object({ items: z.array(check) })),
  readings: oc
    .route({ method: 'GET', path: '/channels/{id}/readings', summary: 'Readings of the channel itself' })
    .input(z.object({ id }))
    .output(z.object({ items: z.array(channelReading) })),
}
