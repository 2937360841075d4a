import { Argument, Command } from 'commander';
import type { Io } from '../io.ts';
import { completionScripts } from './completion-scripts.ts';

export const completionCommand = (io: Io): Command =>
  new Command('completion')
    .addArgument(new Argument('<shell>', 'Shell to complete commands in').choices(Object.keys(completionScripts)))
    .addHelpText(
      'after',
      [
        '',
        'Examples:',
        "  echo 'source <(wattduck completion bash)' >> ~/.bashrc",
        "  echo 'source <(wattduck completion zsh)' >> ~/.zshrc     # after compinit",
        '  wattduck completion fish > ~/.config/fish/completions/wattduck.fish',
        '  wattduck completion powershell | Out-String | Invoke-Expression     # in $PROFILE',
      ].join('\n'),
    )
    .option('-q, --quiet', 'Errors only: no notes and no summary')
    .option('-v, --verbose', 'Times, on stderr')
    .action((shell: keyof typeof completionScripts) => void io.stdout.write(completionScripts[shell]));
