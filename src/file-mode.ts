/** What the user's umask removes from the mode of a new file, before `keepNewFilesPrivate` tightens it. */
let userUmask: number | undefined;

/** Lets nobody else read or write what the process creates: the database, its log, its temporary files and sockets. */
export function keepNewFilesPrivate(): void {
  userUmask ??= process.umask(0o077);
}

/** Mode of a new file that the user asked for by name, as their umask has it. */
export const userFileMode = (): number => 0o666 & ~(userUmask ?? process.umask());
