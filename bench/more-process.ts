/** One more worker of the product, until it is told to stop. */
import { readConfig } from '#main/config.ts'
import { startProduct } from '#main/main.ts'

const product = await startProduct(readConfig(process.env), {
  web: 'none',
  log: (event) => {
    if (event['level'] === 'error') process.stderr.write(`${JSON.stringify(event)}\n`)
  },
})
process.once('SIGTERM', () => void product.close().then(() => process.exit(0)))
process.stdout.write(`${JSON.stringify({ isReady: true })}\n`)
