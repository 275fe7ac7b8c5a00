# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion for fish. Commands, options and values are those that the program itself names in its --help.
function __oci_systemd_hook
    set -l word (commandline -ct)
    set -l program (commandline -opc)[1]
    set -l help ($program --help 2>/dev/null)
    switch $word
        case '--*=*'
            set -l key (string split -m1 = -- $word)[1]
            for line in $help
                string match -q -- "  $key=… *" $line; or continue
                for value in (string split ', ' -- (string replace -r '^.*?… *' '' -- $line))
                    string match -qr '^[a-z]+$' -- $value; and echo "$key=$value"
                end
            end
        case '-*'
            string match -ar -- '(?<=^|[\[| ])--[a-z][a-z.-]*=?' $help | sort -u
        case '*'
            set -l inside 0
            for line in $help
                string match -q 'Stages and commands:' -- $line; and set inside 1
                test -z "$line"; and set inside 0
                test $inside = 1; and string match -rg '^  ([a-zA-Z]+) ' -- $line
            end
    end
end
complete -c oci-systemd-hook -f -a '(__oci_systemd_hook)'
complete -c oci-systemd-hook -l bundle -r -a '(__fish_complete_directories)'
