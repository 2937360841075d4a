import { lstatSync, type BigIntStats, type Stats } from 'node:fs';

/** Why another user may have written a file or folder; undefined if only this user can. */
export function untrustedReason({
  uid,
  mode,
}: Pick<Stats, 'uid' | 'mode'> | Pick<BigIntStats, 'uid' | 'mode'>): string | undefined {
  const user = process.getuid?.();
  if (user !== undefined && Number(uid) !== user) return 'it belongs to another user';
  return (Number(mode) & 0o022) === 0 ? undefined : 'other users can write to it';
}

/** Device and inode: identifies a file or folder on this machine, whatever its path. */
export const identityOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;

/** Whether a path is the folder with this identity, and only this user can enter it. */
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
