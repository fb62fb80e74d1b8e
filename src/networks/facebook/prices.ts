/** What Facebook charges: nothing, within allowances that only its answers tell. */
import type { PriceBook } from '#domain/prices.ts'
import { graphPrices } from '../graph-prices.ts'

const page = {
  plan: { id: 'graph-api', name: 'Graph API' },
  source: 'https://developers.facebook.com/docs/graph-api/overview/rate-limiting',
  readOn: '2026-11-23',
  from: '2026-05-05',
  confidence: 'high',
} as const

/** The advertising and Messenger classes are not called yet. */
export function priceBook(pageCalls: readonly string[], accountCalls: readonly string[]): PriceBook {
  return graphPrices(
    page,
    [...pageCalls, ...accountCalls],
    [
      {
        name: 'app-allowance',
        calls: accountCalls,
        formula: '200 × daily users in 1 hour',
        toldBy: 'X-App-Usage',
      },
      {
        name: 'page-allowance',
        calls: pageCalls,
        formula: '4,800 × engaged users in 24 hours',
        toldBy: 'X-Business-Use-Case-Usage, X-Page-Usage',
        note: 'The figure of engaged users was taken out of the API on 2024-03-18, so nobody can reckon it.',
      },
      {
        name: 'messenger-allowance',
        calls: ['message.create'],
        formula: '200 × engaged users in 24 hours',
        toldBy: 'X-Business-Use-Case-Usage',
      },
      {
        name: 'ads-allowance',
        calls: ['ad.manage'],
        formula: '300 + 40 × active ads in 1 hour; with advanced access 100,000 + 40 × active ads',
        toldBy: 'X-Business-Use-Case-Usage, X-Ad-Account-Usage',
      },
      {
        name: 'ads-insights-allowance',
        calls: ['ad.insights'],
        formula: '600 + 400 × active ads − 0.001 × user errors in 1 hour',
        toldBy: 'X-Business-Use-Case-Usage, X-Ad-Account-Usage',
      },
    ],
  )
}
