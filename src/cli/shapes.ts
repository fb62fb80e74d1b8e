/** What the API answers, as types only: the contract itself is never loaded by a client command. */
import type { z } from 'zod'
import type { mediaFile as mediaFileShape } from '#contract/media.ts'
import type * as ledgerShapes from '#contract/access-records.ts'
import type * as aiShapes from '#contract/ai.ts'
import type * as budgetShapes from '#contract/budgets.ts'
import type * as connectionShapes from '#contract/connections.ts'
import type * as dataShapes from '#contract/data.ts'
import type * as networkShapes from '#contract/networks.ts'
import type * as noticeShapes from '#contract/notices.ts'
import type * as postShapes from '#contract/posts.ts'
import type * as priceShapes from '#contract/prices.ts'
import type * as termsShapes from '#contract/terms.ts'
import type * as usageShapes from '#contract/usage.ts'

export type Channel = z.output<typeof connectionShapes.channel>
export type Connection = z.output<typeof connectionShapes.connection>
export type Connected = z.output<typeof connectionShapes.connected>
export type Check = z.output<typeof connectionShapes.check>
export type Impact = z.output<typeof connectionShapes.impact>
export type AppOwner = z.output<typeof priceShapes.appOwner>
export type NetworkApp = z.output<typeof networkShapes.networkApp>
export type Terms = z.output<typeof termsShapes.terms>
export type NetworkFacts = z.output<typeof networkShapes.network>
export type Notice = z.output<typeof noticeShapes.notice>
export type MediaFile = z.output<typeof mediaFileShape>
export type Post = z.output<typeof postShapes.post>
export type Delivery = z.output<typeof postShapes.delivery>
export type Receipt = z.output<typeof postShapes.receipt>
export type DryRun = z.output<typeof postShapes.dryRun>
export type NewPost = z.input<typeof postShapes.newPost>
export type PostChange = z.input<typeof postShapes.postChange>
export type AccessRecord = z.output<typeof ledgerShapes.accessRecord>
export type Anchor = z.output<typeof ledgerShapes.anchor>
export type LedgerCheck = z.output<typeof ledgerShapes.ledgerCheck>
export type LedgerReport = z.output<typeof ledgerShapes.ledgerReport>
export type KeptNetwork = z.output<typeof dataShapes.keptNetwork>
export type DataDeletion = z.output<typeof dataShapes.deletion>
export type DataCertificate = z.output<typeof dataShapes.certificate>
export type DataExport = z.output<typeof dataShapes.dataExport>
export type Price = z.output<typeof priceShapes.price>
export type NewPrice = z.input<typeof priceShapes.priceEntry>
export type NetworkPlan = z.output<typeof priceShapes.networkPlan>
export type PriceFile = z.output<typeof priceShapes.priceFile>
export type Repriced = z.output<typeof priceShapes.repriced>
export type ReplayedBudget = z.output<typeof priceShapes.replayedBudget>
export type Budget = z.output<typeof budgetShapes.budget>
export type BudgetProposal = z.output<typeof budgetShapes.budgetProposal>
export type Charge = z.output<typeof budgetShapes.charge>
export type UsageCounter = z.output<typeof usageShapes.usageCounter>
export type NotTold = z.output<typeof usageShapes.notTold>
export type Ai = z.output<typeof aiShapes.ai>
export type AiNetwork = z.output<typeof aiShapes.aiNetwork>
export type Suggestions = z.output<typeof aiShapes.suggestions>
export type ChargeSum = z.output<typeof budgetShapes.chargeSum>

/** A page of a list; `next` is the cursor of the one after. */
export type Listed<Item> = { items: Item[]; next?: string | null }
