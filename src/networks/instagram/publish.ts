/** How Instagram publishes: always an image, several as a carousel, through a container. */
import { composed } from '#domain/composed.ts'
import type { PublishOutcome } from '#domain/delivery.ts'
import type { DeliveryImage, DeliveryPayload, PublishJob, VerbContext } from '../contract.ts'
import type { ContainerNetwork, ContainerPlan } from '../graph-containers.ts'
import { contentProblem } from '../graph-content.ts'
import { publishByContainer } from '../graph-publish.ts'
import { graph, readStatus } from './api.ts'
import { definition } from './definition.ts'
import { instagramRows, isNotFetched, meaningOf, wantsNewContainer } from './errors.ts'

export const containers: ContainerNetwork = {
  name: definition.name,
  id: definition.id,
  createEdge: 'media',
  publishEdge: 'media_publish',
  rows: instagramRows,
  restMs: 0,
  graph,
  contentProblem: (payload) => contentProblem(definition, payload),
  plan,
  readStatus,
  wantsNewContainer,
  meaningOf,
  isNotFetched,
}

export function publish(context: VerbContext, job: PublishJob): Promise<PublishOutcome> {
  return publishByContainer(containers, context, job)
}

/** Links in captions cannot be clicked; one that the text lacks is still written, for people to type. */
export function captionOf(payload: DeliveryPayload): string {
  return composed(payload, definition.linkPlacement).text
}

function plan(payload: DeliveryPayload): ContainerPlan {
  const { images } = payload
  const caption = captionOf(payload)
  const [first] = images
  if (images.length === 1 && first) return { items: [], whole: () => ({ ...imageParams(first), caption }) }
  return {
    items: images.map(imageParams),
    whole: (children) => ({ media_type: 'CAROUSEL', children: children.join(','), caption }),
  }
}

function imageParams(image: DeliveryImage): Record<string, string> {
  return { image_url: image.publicUrl, ...(image.altText === '' ? {} : { alt_text: image.altText }) }
}
