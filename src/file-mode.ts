/** The user's umask before `keepNewFilesPrivate` changed it. */
let userUmask: number | undefined;

/** Makes new files of the process private: the database, its log, temporary files and sockets. */
export function keepNewFilesPrivate(): void {
  userUmask ??= process.umask(0o077);
}

/** Mode of a new output file, by the user's own umask. */
export const userFileMode = (): number => 0o666 & ~(userUmask ?? process.umask());

/** Mode of a new folder for output files, by the user's own umask. */
export const userFolderMode = (): number => 0o777 & ~(userUmask ?? process.umask());
