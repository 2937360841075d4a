import { english } from './layouts/english.ts';
import { eventLayouts } from './layouts/events.ts';
import { dutch, french } from './layouts/french-dutch.ts';
import { germanLayouts } from './layouts/german.ts';
import type { Layout } from './layouts/layout.ts';
import { masterDataLayouts } from './layouts/master-data.ts';
import { nordic } from './layouts/nordic.ts';
import { sessionLayout } from './layouts/sessions.ts';
import { italian, portuguese, spanish } from './layouts/southern.ts';

export type { Layout } from './layouts/layout.ts';

/** 40 files in layouts that the program does not know, with the rows they must become. */
export const generatedLayouts = (seed = 0): Layout[] => [
  ...[...english, ...germanLayouts, ...french, ...dutch, ...spanish, ...italian, ...portuguese, ...nordic].map(
    (spec, place) => sessionLayout(spec, seed + 1000 + place),
  ),
  ...eventLayouts(seed + 2000),
  ...masterDataLayouts(seed + 3000),
];
