# SPDX-License-Identifier: GPL-2.0-only OR MIT
# cmake -DFROM=DIRECTORY -DTO=NAME -DSYMBOL=SYMBOL -P page.cmake: the page that
# plays a timeline, of its parts in DIRECTORY: NAME.html, and NAME.c with the page
# in a string of C, as bytes, since no compiler has to take a literal that long.
file(READ ${FROM}/page.html page)
file(READ ${FROM}/page.css style)
set(script "")
foreach(part IN ITEMS timeline list graph panels)
	file(READ ${FROM}/${part}.js text)
	string(APPEND script "${text}\n")
endforeach()
string(REPLACE "@STYLE@" "${style}" page "${page}")
string(REPLACE "@SCRIPT@" "${script}" page "${page}")
file(WRITE ${TO}.html "${page}")

file(READ ${TO}.html bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
	"\\1\n\t" bytes "${bytes}")
file(WRITE ${TO}.c "extern const char ${SYMBOL}[];\n"
	"const char ${SYMBOL}[] = {\n\t${bytes}0\n};\n")
