/**
 * Each script asks tcpclose for the candidates of the words up to the cursor, and offers files if there are none. The typed words are
 * passed on unchanged, and never evaluated.
 */
export const scripts = {
  bash: `_tcpclose() {
  mapfile -t COMPREPLY < <(tcpclose complete bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o bashdefault -o default -F _tcpclose tcpclose
`,
  zsh: `#compdef tcpclose
_tcpclose() {
  local -a candidates
  candidates=("\${(@f)$(tcpclose complete zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$candidates" ]]; then
    _describe -V tcpclose candidates
  else
    _files
  fi
}
if [ "$funcstack[1]" = _tcpclose ]; then _tcpclose "$@"; else compdef _tcpclose tcpclose; fi
`,
  fish: `function __tcpclose_candidates
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l candidates (tcpclose complete fish -- $words[2..-1] "$current" 2>/dev/null)
  if test (count $candidates) -gt 0
    printf '%s\\n' $candidates
  else
    __fish_complete_path "$current"
  end
end
complete -c tcpclose -f -a '(__tcpclose_candidates)'
`,
} as const;

export type Shell = keyof typeof scripts;
export const shells = Object.keys(scripts) as Shell[];

export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** A line for each candidate, in the form that the shell's script reads. */
export const lineFor: Readonly<Record<Shell, (candidate: Candidate) => string>> = {
  bash: ({ value }) => value,
  zsh: ({ value, description }) =>
    description === '' ? escaped(value) : `${escaped(value)}:${escaped(description)}`,
  fish: ({ value, description }) => (description === '' ? value : `${value}\t${description}`),
};

// _describe ends the value at the first colon.
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
}
