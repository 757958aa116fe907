#compdef kedro-azureml kedro
# Completion of kedro-azureml and kedro in zsh. The script kedro-azureml finds the words; it keeps
# Kedro's log off the standard output, and the project's code sees none of its variables.
_kedro_azureml_completion() {
    local program=kedro-azureml line kind word help
    local -a plain described
    # The script beside the kedro that was typed, where that has a path.
    [[ $words[1] == */* ]] && program="${words[1]%/*}/kedro-azureml"
    while IFS=$'\t' read -r kind word help; do
        case $kind in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            plain)
                if [[ -n $help ]]; then
                    described+=("${word//:/\\:}:$help")
                else
                    plain+=("$word")
                fi
                ;;
        esac
    done < <(_KEDRO_AZUREML_COMPLETE=1 $program "${(@)words[1,CURRENT]}" 2>/dev/null)
    (( $#described )) && _describe -V unsorted described
    (( $#plain )) && compadd -V unsorted -a plain
    return 0
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _kedro_azureml_completion "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef _kedro_azureml_completion kedro-azureml kedro
fi
