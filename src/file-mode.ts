/** The user's umask before `keepNewFilesPrivate` changed it. */
let userUmask: number | undefined;

/** Makes new files of the process private: the database, its log, temporary files and sockets. */
export function keepNewFilesPrivate(): void {
  userUmask ??= process.umask(0o077);
}

/** Mode of a new output file, by the user's own umask. */
export const userFileMode = (): number => 0o666 & ~(userUmask ?? process.umask());
