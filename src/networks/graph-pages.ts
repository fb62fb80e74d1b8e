/**
 * The pages a person may act for: their own list, and what they reach only through a business.
 *
 * Source: `/me/accounts`, `/{business}/owned_pages` and `/{business}/client_pages` on
 * developers.facebook.com, read 2026-11-23.
 */
import { z } from 'zod'

const id = z.union([z.string().min(1), z.number()]).transform(String)
const paging = z
  .looseObject({
    next: z.string().optional(),
    cursors: z.looseObject({ after: z.string().optional() }).optional(),
  })
  .optional()
const pageList = z.looseObject({
  data: z.array(
    z.looseObject({
      id,
      name: z.string().default(''),
      /** Absent where the person has no task on the page. */
      access_token: z.string().optional(),
      tasks: z.array(z.string()).optional(),
      instagram_business_account: z.looseObject({ id, username: z.string().optional() }).optional(),
    }),
  ),
  paging,
})
const businessList = z.looseObject({ data: z.array(z.looseObject({ id })), paging })

export type GraphPage = z.infer<typeof pageList>['data'][number]

/** Reads one list; null where it cannot be read, which makes the whole incomplete. */
export type ReadList = (path: string, params: Record<string, string>) => Promise<unknown>

/** So many answers of one list, and so many businesses, are read; what goes beyond makes it incomplete. */
const maxRounds = 20

/**
 * `readOwn` reads the person's own list, and may throw: without it there is no connection. `readMore`
 * reads what stands behind businesses, which only some people may; null skips them.
 */
export async function reachedPages(
  fields: string,
  readOwn: ReadList,
  readMore: ReadList | null,
): Promise<{ pages: GraphPage[]; isComplete: boolean }> {
  const pages = new Map<string, GraphPage>()
  const take = (found: readonly GraphPage[]) => {
    for (const page of found) if (pages.get(page.id)?.access_token === undefined) pages.set(page.id, page)
  }
  const own = await wholeList(pageList, readOwn, '/me/accounts', fields)
  take(own.rows)
  let { isComplete } = own
  if (readMore) {
    const businesses = await wholeList(businessList, readMore, '/me/businesses', 'id')
    isComplete &&= businesses.isComplete && businesses.rows.length <= maxRounds
    for (const business of businesses.rows.slice(0, maxRounds)) {
      for (const edge of ['owned_pages', 'client_pages']) {
        const found = await wholeList(pageList, readMore, `/${business.id}/${edge}`, fields)
        isComplete &&= found.isComplete
        take(found.rows)
      }
    }
  }
  return { pages: [...pages.values()], isComplete }
}

async function wholeList<Row>(
  shape: z.ZodType<{ data: Row[]; paging?: z.infer<typeof paging> }>,
  read: ReadList,
  path: string,
  fields: string,
): Promise<{ rows: Row[]; isComplete: boolean }> {
  const rows: Row[] = []
  let after: string | undefined
  for (let round = 0; round < maxRounds; round += 1) {
    const body = await read(path, { fields, limit: '100', ...(after === undefined ? {} : { after }) })
    const parsed = shape.safeParse(body)
    if (!parsed.success) return { rows, isComplete: false }
    rows.push(...parsed.data.data)
    after = parsed.data.paging?.next === undefined ? undefined : parsed.data.paging.cursors?.after
    if (after === undefined) return { rows, isComplete: true }
  }
  return { rows, isComplete: false }
}
