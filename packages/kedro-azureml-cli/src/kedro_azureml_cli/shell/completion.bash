# Completion of kedro-azureml and kedro in bash. The script kedro-azureml finds the words; it keeps
# Kedro's log off the standard output, and the project's code sees none of its variables.
_kedro_azureml_completion() {
    local program=kedro-azureml kind word help quoted
    # The script beside the kedro that was typed, where that has a path.
    [[ $1 == */* ]] && program="${1%/*}/kedro-azureml"
    COMPREPLY=()
    while IFS=$'\t' read -r kind word help; do
        case $kind in
            dir) compopt -o dirnames 2>/dev/null ;;
            file) compopt -o default 2>/dev/null ;;
            plain)
                printf -v quoted '%q' "$word"
                COMPREPLY+=("${quoted//\\,/,}") # a list of names stays readable
                ;;
        esac
    done < <(_KEDRO_AZUREML_COMPLETE=1 "$program" "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)
    return 0
}
complete -o nosort -F _kedro_azureml_completion kedro-azureml kedro 2>/dev/null ||
    complete -F _kedro_azureml_completion kedro-azureml kedro
