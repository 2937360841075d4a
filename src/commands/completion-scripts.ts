/** The text of a script, in which `${` is written with a backslash. */
const script = (text: TemplateStringsArray): string => String.raw(text).replaceAll('\\${', '${');

/**
 * Completion scripts by shell. Each runs `wattduck __complete WORDS…` and reads a candidate per line, with a description after
 * a tab; the line `:files` asks for names of files.
 */
export const completionScripts = {
  bash: script`# bash completion for wattduck. Load it with: source <(wattduck completion bash)
_wattduck() {
  local -a words=()
  local word line quote prefix is_joined=0 i
  # Bash splits words at = and :.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((\${#words[@]} > 0)) && { [[ $word == [=:]* ]] || ((is_joined)); }; then
      words[\${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    if [[ $word == *[=:] ]]; then is_joined=1; else is_joined=0; fi
  done
  word=\${words[\${#words[@]} - 1]//\\/}
  quote='' prefix=''
  if [[ $word == [\"\']* ]]; then quote=1; elif [[ $word == *[=:]* ]]; then prefix=\${word%"\${word##*[=:]}"}; fi
  COMPREPLY=()
  compopt -o nosort 2>/dev/null
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default 2>/dev/null || while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
      continue
    fi
    line=\${line%%$'\t'*}
    line=\${line#"$prefix"}
    if [[ -z $quote ]]; then printf -v line %q "$line"; fi
    COMPREPLY+=("$line")
  done < <(wattduck __complete "\${words[@]//\\/}" 2>/dev/null)
}
complete -F _wattduck wattduck
`,
  zsh: script`#compdef wattduck
# zsh completion for wattduck. Load it with: source <(wattduck completion zsh)
# or save it as _wattduck in a folder of $fpath.
_wattduck() {
  local -a values texts displays
  local line value is_file=0 width=0 i
  while IFS= read -r line; do
    if [[ $line == :files ]]; then is_file=1; continue; fi
    value=\${line%%$'\t'*}
    values+=("$value")
    texts+=("\${\${line#"$value"}#$'\t'}")
    if (( $#value > width )); then width=$#value; fi
  done < <(wattduck __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  for ((i = 1; i <= $#values; i++)); do
    displays+=("\${(r:width:)values[i]}  $texts[i]")
  done
  if (( is_file )); then _files; return; fi
  compadd -V wattduck -l -d displays -a values
}
if [[ $funcstack[1] == _wattduck ]]; then
  _wattduck "$@"
else
  compdef _wattduck wattduck
fi
`,
  fish: script`# fish completion for wattduck. Save it with: wattduck completion fish > ~/.config/fish/completions/wattduck.fish
function __wattduck_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (wattduck __complete $words[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c wattduck -e
complete -c wattduck -f -k -a '(__wattduck_complete)'
`,
  powershell: script`# PowerShell completion for wattduck. Load it in $PROFILE with: wattduck completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName wattduck -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text.Trim([char[]]"'""") })
    # An empty argument would be dropped.
    if ($wordToComplete) { $words += $wordToComplete } else { $words += '""' }
    wattduck __complete @words 2>$null | ForEach-Object {
        if ($_ -eq ':files') {
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)
        } else {
            $value, $description = $_ -split [char]9, 2
            $text = if ($value -match '\s') { "'" + $value.Replace("'", "''") + "'" } else { $value }
            if (-not $description) { $description = $value }
            [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $description)
        }
    }
}
`,
} as const;
