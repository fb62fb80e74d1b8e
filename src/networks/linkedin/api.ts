/** Calls to LinkedIn with the headers each needs, and loose schemas of the few fields that are read. */
import { z } from 'zod'
import type { Purpose, VerbContext } from '../contract.ts'
import type { Answer, Call } from '../metered-fetch.ts'

export const tokenSchema = z.looseObject({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().optional(),
  refresh_token: z.string().optional(),
  refresh_token_expires_in: z.coerce.number().optional(),
  scope: z.string().optional(),
})
export const userinfoSchema = z.looseObject({ sub: z.string().min(1), name: z.string().optional() })
export const meSchema = z.looseObject({
  id: z.string().min(1),
  localizedFirstName: z.string().optional(),
  localizedLastName: z.string().optional(),
  vanityName: z.string().optional(),
})
/** `organization` in new versions, `organizationTarget` in old samples. */
export const aclsSchema = z.looseObject({
  elements: z.array(
    z.looseObject({ organization: z.string().optional(), organizationTarget: z.string().optional() }),
  ),
})
export const organisationSchema = z.looseObject({
  localizedName: z.string().optional(),
  vanityName: z.string().optional(),
})
export const uploadSchema = z.looseObject({
  value: z.looseObject({ uploadUrl: z.string(), image: z.string() }),
})
export const imageSchema = z.looseObject({ status: z.string() })
export const postsSchema = z.looseObject({
  elements: z.array(
    z.looseObject({
      id: z.string(),
      commentary: z.string().optional(),
      createdAt: z.coerce.number().optional(),
      content: z.unknown().optional(),
    }),
  ),
})
/** The numeric id stands in a header and in `id`; the URN names the post as LinkedIn knows it. */
export const commentSchema = z.looseObject({ commentUrn: z.string().optional() })
export const commentsSchema = z.looseObject({
  elements: z.array(
    z.looseObject({
      commentUrn: z.string(),
      actor: z.string(),
      message: z.looseObject({ text: z.string() }).optional(),
      created: z.looseObject({ time: z.coerce.number() }).optional(),
    }),
  ),
})
const count = z.coerce.number().optional()
export const statisticsSchema = z.looseObject({
  elements: z.array(
    z.looseObject({
      share: z.string().optional(),
      ugcPost: z.string().optional(),
      totalShareStatistics: z
        .looseObject({
          impressionCount: count,
          uniqueImpressionsCount: count,
          clickCount: count,
          likeCount: count,
          commentCount: count,
          shareCount: count,
        })
        .optional(),
    }),
  ),
})
export const analyticsSchema = z.looseObject({ elements: z.array(z.looseObject({ count })) })
export const networkSizeSchema = z.looseObject({ firstDegreeSize: z.coerce.number() })
export const memberFollowersSchema = z.looseObject({
  elements: z.array(z.looseObject({ memberFollowersCount: z.coerce.number() })),
})
export const errorSchema = z.looseObject({
  serviceErrorCode: z.coerce.number().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
})

export const isShareOnly = (context: VerbContext) => context.login.id === 'linkedin-share'

/** `endpointClass` without its login: the two products have counters of their own. */
export type RestCall = Omit<Call, 'url' | 'headers'> & {
  /** Below the API host, with its query, already encoded. */
  path: string
  accessToken: string
  restliMethod?: 'FINDER' | 'DELETE'
}

/** One REST call. Versions have no default: the header goes with each. */
export function rest(context: VerbContext, call: RestCall): Promise<Answer> {
  const { path, accessToken, restliMethod, endpointClass, ...others } = call
  return context.fetch({
    ...others,
    url: `${context.hosts.apiUrl}${path}`,
    endpointClass: classOf(context, endpointClass),
    headers: {
      authorization: `Bearer ${accessToken}`,
      'linkedin-version': context.version,
      'x-restli-protocol-version': '2.0.0',
      ...(restliMethod ? { 'x-restli-method': restliMethod } : {}),
    },
  })
}

export function classOf(context: VerbContext, name: string): string {
  return isShareOnly(context) ? `share.${name}` : name
}

export function get(
  context: VerbContext,
  path: string,
  accessToken: string,
  kind: { endpointClass: string; dataClass: string; purpose: Purpose; restliMethod?: 'FINDER' },
): Promise<Answer> {
  return rest(context, { method: 'GET', path, accessToken, ...kind })
}

export const encoded = (urn: string) => encodeURIComponent(urn)

/** The page of a post for everybody. */
/** Public address of a post, on the site that also asks for consent. */
export const permalink = (context: VerbContext, urn: string) =>
  context.hosts.authorizeUrl.replace(/\/oauth\/v2\/authorization$/, `/feed/update/${urn}/`)
