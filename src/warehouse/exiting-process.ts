import { readFileSync } from 'node:fs';

/** PF_EXITING in field 9 of /proc/PID/stat: the kernel is releasing the memory and files of the process. */
const exitingFlag = 0x4;
const killSignal = 1n << 8n;

/** Whether a process has ended or was killed; it may still hold its locks for a moment. */
export function isExiting(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
  }
  try {
    const [state = '', , , , , , flags] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (/[ZX]/.test(state) || (Number(flags) & exitingFlag) !== 0) return true;
    const pending = readFileSync(`/proc/${pid}/status`, 'utf8').matchAll(/^(?:SigPnd|ShdPnd):\s*([0-9a-f]+)$/gm);
    return Array.from(pending, ([, mask]) => BigInt(`0x${mask}`)).some((mask) => (mask & killSignal) !== 0n);
  } catch {
    // Without /proc, assume that the process is running.
    return false;
  }
}
