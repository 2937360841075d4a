// The libraries that draw SVG, which the build bundles and minifies into a file of their own.
export type { Markish } from '@observablehq/plot';
export { areaY, axisX, axisY, barX, barY, cell, dot, line, plot, rect, ruleX, ruleY, text } from '@observablehq/plot';
export { DOMParser } from 'linkedom';
