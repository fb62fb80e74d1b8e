/**
 * How Threads publishes: text, one image, or several as a carousel, through a container.
 *
 * Never with `auto_publish_text`: it makes the post visible while the container is made, so that after a lost
 * answer there would be no id to ask for (Threads publishing reference, 2026-11-23).
 */
import { composed } from '#domain/composed.ts'
import type { PublishOutcome } from '#domain/delivery.ts'
import type { DeliveryImage, DeliveryPayload, PublishJob, VerbContext } from '../contract.ts'
import { callGraph } from '../graph-call.ts'
import type { ContainerNetwork, ContainerPlan } from '../graph-containers.ts'
import { contentProblem } from '../graph-content.ts'
import { publishByContainer } from '../graph-publish.ts'
import { readStatus } from './api.ts'
import { definition } from './definition.ts'
import { isNotFetched, meaningOf, threadsRows, wantsNewContainer } from './errors.ts'

export const containers: ContainerNetwork = {
  name: definition.name,
  id: definition.id,
  createEdge: 'threads',
  publishEdge: 'threads_publish',
  rows: threadsRows,
  // Published at once, a container is "not found" (https://github.com/nopara73/LongevityWorldCup/pull/466).
  restMs: 2_000,
  graph: callGraph,
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

function plan(payload: DeliveryPayload): ContainerPlan {
  const { text, link } = composed(payload, definition.linkPlacement)
  const { images } = payload
  const [first] = images
  if (!first) {
    const card: Record<string, string> = link === undefined ? {} : { link_attachment: link }
    return { items: [], whole: () => ({ media_type: 'TEXT', text, ...card }) }
  }
  const words: Record<string, string> = text === '' ? {} : { text }
  if (images.length === 1) return { items: [], whole: () => ({ ...imageParams(first), ...words }) }
  return {
    items: images.map(imageParams),
    whole: (children) => ({ media_type: 'CAROUSEL', children: children.join(','), ...words }),
  }
}

function imageParams(image: DeliveryImage): Record<string, string> {
  const alt: Record<string, string> = image.altText === '' ? {} : { alt_text: image.altText }
  return { media_type: 'IMAGE', image_url: image.publicUrl, ...alt }
}
