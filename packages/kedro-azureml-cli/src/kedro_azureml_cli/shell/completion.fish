# Completion of kedro-azureml and kedro in fish. The script kedro-azureml finds the words; it keeps
# Kedro's log off the standard output, and the project's code sees none of its variables.
function _kedro_azureml_completion
    set -l words (commandline -opc) (commandline -ct)
    set -l program kedro-azureml
    # The script beside the kedro that was typed, where that has a path.
    string match -q '*/*' -- $words[1]; and set program (string replace -r '[^/]*$' kedro-azureml -- $words[1])
    for line in (_KEDRO_AZUREML_COMPLETE=1 $program $words 2>/dev/null)
        set -l parts (string split \t -- $line)
        switch $parts[1]
            case dir
                __fish_complete_directories (commandline -ct)
            case file
                __fish_complete_path (commandline -ct)
            case plain
                printf '%s\t%s\n' $parts[2] $parts[3]
        end
    end
end
complete --no-files --command kedro-azureml --arguments '(_kedro_azureml_completion)'
complete --no-files --command kedro --arguments '(_kedro_azureml_completion)'
