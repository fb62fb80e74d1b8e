/** The contract's operations, each one use case; one file per group of resources. */
import type { System } from '#app/system.ts'
import { accessRecordRoutes } from './routes/access-records.ts'
import { aiRoutes } from './routes/ai.ts'
import { budgetRoutes } from './routes/budgets.ts'
import { connectionRoutes } from './routes/connections.ts'
import { dataRoutes } from './routes/data.ts'
import { termsRoutes } from './routes/terms.ts'
import { keyRoutes } from './routes/keys.ts'
import { api } from './routes/kit.ts'
import { mediaRoutes } from './routes/media.ts'
import { networkRoutes } from './routes/networks.ts'
import { noticeRoutes } from './routes/notices.ts'
import { type PeopleOptions, peopleRoutes } from './routes/people.ts'
import { postRoutes } from './routes/posts.ts'
import { priceRoutes } from './routes/prices.ts'
import { usageRoutes } from './routes/usage.ts'

export function createRouter(system: System, people: PeopleOptions) {
  return api.router({
    ...peopleRoutes(api, system, people),
    ...networkRoutes(api, system),
    ...connectionRoutes(api, system),
    ...mediaRoutes(api, system),
    ...postRoutes(api, system),
    ...priceRoutes(api, system),
    ...budgetRoutes(api, system),
    ...usageRoutes(api, system),
    ...noticeRoutes(api, system),
    ...dataRoutes(api, system),
    ...termsRoutes(api, system),
    ...accessRecordRoutes(api, system),
    ...aiRoutes(api, system),
    ...keyRoutes(api, system),
  })
}
