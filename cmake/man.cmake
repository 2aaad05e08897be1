# SPDX-License-Identifier: GPL-2.0-only OR MIT
# cmake -DPROGRAM=... -DVERSION=... -DDATADIR=... -DTO=FOLDER -P man.cmake: the
# man pages of the program and of each of its commands, and the completion for
# bash and zsh, all from what it prints for --help.
function(help_of command text)
	execute_process(COMMAND ${PROGRAM} help ${command}
		OUTPUT_VARIABLE out COMMAND_ERROR_IS_FATAL ANY)
	set(${text} "${out}" PARENT_SCOPE)
endfunction()

# The text for troff: a page is shown as it is printed, with bold options.
function(write_page name summary text)
	string(REPLACE "\\" "\\e" text "${text}")
	string(REPLACE "-" "\\-" text "${text}")
	string(REGEX REPLACE "(^|\n)([.'])" "\\1\\\\&\\2" text "${text}")
	string(REGEX REPLACE "\n  (\\\\-\\\\-[a-z\\-]+)" "\n  \\\\fB\\1\\\\fP"
		text "${text}")
	string(TOUPPER ${name} title)
	string(REPLACE "-" "\\-" shown ${name})
	file(WRITE ${TO}/${name}.1
		".TH ${title} 1 \"\" \"iommufd-model ${VERSION}\"\n"
		".SH NAME\n${shown} \\- ${summary}\n"
		".SH DESCRIPTION\n.nf\n${text}.fi\n"
		"${see_also}")
endfunction()

help_of("" main)
string(REGEX MATCHALL "\n  [a-z]+  +[^\n]+" lines "${main}")
set(commands)
set(references)
foreach(line IN LISTS lines)
	string(REGEX MATCH "([a-z]+)  +([^\n]+)" line "${line}")
	list(APPEND commands ${CMAKE_MATCH_1})
	set(summary_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
	list(APPEND references ".BR iommufd\\-model\\-${CMAKE_MATCH_1} (1)")
endforeach()
list(JOIN references ",\n" references)
set(see_also ".SH SEE ALSO\n${references}\n")
write_page(iommufd-model "a model of the Linux iommufd objects" "${main}")

set(see_also ".SH SEE ALSO\n.BR iommufd\\-model (1)\n")
set(cases)
foreach(command IN LISTS commands)
	help_of(${command} text)
	write_page(iommufd-model-${command} "${summary_${command}}" "${text}")
	string(REGEX MATCHALL "\n  --[a-z-]+" options "${text}")
	string(REPLACE "\n  " "" options "${options}")
	list(REMOVE_DUPLICATES options)
	list(JOIN options " " options)
	string(APPEND cases "\t${command}) options='${options}' ;;\n")
endforeach()
list(JOIN commands " " words)
file(WRITE ${TO}/iommufd-model.bash
"# Completion for bash; zsh reads it after bashcompinit.
_iommufd_model()
{
	local word=\${COMP_WORDS[COMP_CWORD]} options=
	if ((COMP_CWORD == 1)); then
		COMPREPLY=(\$(compgen -W '${words} help --help --version' -- \"\$word\"))
		return
	fi
	case \${COMP_WORDS[1]} in
${cases}	help) COMPREPLY=(\$(compgen -W '${words}' -- \"\$word\")); return ;;
	esac
	case \$word in
	-*) COMPREPLY=(\$(compgen -W \"\$options\" -- \"\$word\")) ;;
	*) COMPREPLY=(\$(compgen -f -- \"\$word\")) ;;
	esac
}
complete -o filenames -F _iommufd_model iommufd-model
")
file(WRITE ${TO}/_iommufd-model
"#compdef iommufd-model
autoload -U +X bashcompinit && bashcompinit
source ${DATADIR}/bash-completion/completions/iommufd-model
")
