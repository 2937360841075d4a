import { lstatSync, type BigIntStats, type Stats } from 'node:fs';

/** Why a file or folder can't be trusted to hold only what this user wrote; nothing where it can. */
export function untrustedReason({
  uid,
  mode,
}: Pick<Stats, 'uid' | 'mode'> | Pick<BigIntStats, 'uid' | 'mode'>): string | undefined {
  const user = process.getuid?.();
  if (user !== undefined && Number(uid) !== user) return 'it belongs to another user';
  return (Number(mode) & 0o022) === 0 ? undefined : 'other users can write to it';
}

/** Names one file or folder on this machine, whatever its path is now. */
export const identityOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;

/** Whether a path is the very folder that was recorded, and only this user can enter it. */
export function isPrivateFolder(path: string, identity: string): boolean {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return (
    stats !== undefined &&
    stats.isDirectory() &&
    identityOf(stats) === identity &&
    untrustedReason(stats) === undefined &&
    (Number(stats.mode) & 0o077) === 0
  );
}

/** Whether a path is a socket of this user. */
export function isOwnSocket(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && stats.isSocket() && untrustedReason(stats) === undefined;
}
