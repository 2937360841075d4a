import { clipValue } from '../text/plain-text.ts';

/** How far the import of a file is. */
export interface IngestProgress {
  file: string;
  /** Number of the file, and of all files. */
  at: number;
  of: number;
  /** Stage of the import, such as `reading`. */
  stage: string;
  /** Part of the stage that is done, in percent; negative if DuckDB does not know. */
  percent: number;
  /** Size of the file; undefined for standard input. */
  bytes: number | undefined;
  /** Seconds since the stage began. */
  seconds: number;
}

/** Seconds for people: `8 s`, `2 min 05 s`, `1 h 02 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const pad = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours} h ${pad(minutes)} min` : `${minutes} min ${pad(whole % 60)} s`;
}

/** The rest of a task at its speed so far; undefined while that is not known. */
export function timeLeft(percent: number, seconds: number): string | undefined {
  // The first moments say little about the speed.
  if (percent < 1 || percent >= 100 || seconds < 1) return undefined;
  return `${formatSeconds((seconds * (100 - percent)) / percent)} left`;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

/** One line: `sessions.csv (2 of 14): reading 45 %, 120 of 267 MB, 85 MB/s, 3 s left`. */
export function progressLine({ file, at, of, stage, percent, bytes, seconds }: IngestProgress): string {
  const name = `${clipValue(file)}${of > 1 ? ` (${at} of ${of})` : ''}: ${stage}`;
  if (percent <= 0) return name;
  const done = bytes === undefined ? 0 : (bytes * Math.min(percent, 100)) / 100;
  const size =
    stage === 'reading' && bytes !== undefined && bytes >= 1e6
      ? [
          `${megabytes(done)} of ${megabytes(bytes)} MB`,
          ...(seconds >= 0.5 ? [`${megabytes(done / seconds)} MB/s`] : []),
        ]
      : [];
  return [`${name} ${Math.min(percent, 100).toFixed(0)} %`, ...size, timeLeft(percent, seconds) ?? []]
    .flat()
    .join(', ');
}
