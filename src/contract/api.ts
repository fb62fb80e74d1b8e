/** The HTTP interface under `/api/v1`: one contract gives routes, OpenAPI 3.1 and the typed client. */
import { accessRecords } from './access-records.ts'
import { aiRoutes } from './ai.ts'
import { budgets, charges } from './budgets.ts'
import { channels, connections } from './connections.ts'
import { data } from './data.ts'
import { media } from './media.ts'
import { networkApps, networks } from './networks.ts'
import { notices } from './notices.ts'
import { deliveries, metricsRoutes, posts } from './posts.ts'
import { prices } from './prices.ts'
import { termsRoutes as terms } from './terms.ts'
import { usage } from './usage.ts'
import { account, backups, invitations, keys, members, setup, workspaces } from './workspace.ts'

export const contract = {
  setup,
  account,
  workspaces,
  members,
  invitations,
  networks,
  networkApps,
  connections,
  channels,
  media,
  posts,
  deliveries,
  metrics: metricsRoutes,
  prices,
  budgets,
  charges,
  usage,
  notices,
  data,
  terms,
  accessRecords,
  ai: aiRoutes,
  backups,
  keys,
}
