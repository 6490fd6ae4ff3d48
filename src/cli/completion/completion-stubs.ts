import type {shells} from './complete.js'

/** What a shell has to be told, once: at each TAB it asks `torque complete`, a candidate a line, and what it is behind a TAB. */
export const stubs: Record<(typeof shells)[number], string> = {
  bash: `# torque completion for bash: in ~/.bashrc, eval "$(torque completion bash)"
_torque() {
  local line=\${COMP_LINE:0:COMP_POINT} word head candidate
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  word=\${words[\${#words[@]}-1]}
  # bash completes what stands behind the last of these, such as = and :
  head=\${word%"\${word##*[$COMP_WORDBREAKS]}"}
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    COMPREPLY+=("\${candidate#"$head"}")
  done < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _torque torque
`,
  zsh: `#compdef torque
# torque completion for zsh: in ~/.zshrc, after compinit, eval "$(torque completion zsh)"
_torque() {
  local line value
  local -a candidates
  for line in "\${(@f)$("\${(Q)words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    value=\${line%%$'\\t'*}
    candidates+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( $#candidates )); then
    _describe -t torque torque candidates
  else
    _files
  fi
}
if [[ $funcstack[1] == _torque ]]; then
  _torque "$@"
else
  compdef _torque torque
fi
`,
  fish: `# torque completion for fish: in ~/.config/fish/config.fish, torque completion fish | source
function __torque_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c torque -f -k -a '(__torque_complete)'
`,
}
