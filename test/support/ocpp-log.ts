/** A logged OCPP frame. */
export interface Frame {
  /** Time it was logged, ISO 8601. */
  at: string;
  station: string;
  frame: readonly unknown[];
}

/** A log of frames as `timestamp,id,action,msg`. */
export const ocppLog = (frames: readonly Frame[]): string =>
  ['timestamp,id,action,msg', ...frames.map(logLine), ''].join('\n');

function logLine({ at, station, frame }: Frame): string {
  const action = frame[0] === 2 ? String(frame[2]) : '';
  return `${at},${station},${action},"${JSON.stringify(frame).replaceAll('"', '""')}"`;
}

/** A sampled value of OCPP 1.6. */
export const sample = (value: number | string, fields: Record<string, string> = {}): Record<string, string> => ({
  value: String(value),
  ...fields,
});

/** A call and, if given, its response 100 ms later. */
export function call(
  at: string,
  station: string,
  id: string,
  [action, payload]: [action: string, payload: object],
  response?: object,
): Frame[] {
  const later = new Date(Date.parse(at) + 100).toISOString();
  return [
    { at, station, frame: [2, id, action, payload] },
    ...(response ? [{ at: later, station, frame: [3, id, response] }] : []),
  ];
}
