/** Text counting as the networks do it, for clients: the same code the server validates with. */
export { composed, type Composed, type LinkPlacement } from '#domain/composed.ts'
export { hasLink, linksIn, textLength, textProblems, type TextProblem, type TextRules } from '#domain/text.ts'
