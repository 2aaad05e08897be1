# SPDX-License-Identifier: GPL-2.0-only OR MIT
# cmake -DFROM=FILE -DTO=FILE.c -DNAME=SYMBOL -P embed.cmake: a file as a string
# of C, as bytes, since no compiler has to take a literal that long.
file(READ ${FROM} bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
	"\\1\n\t" bytes "${bytes}")
file(WRITE ${TO}
	"extern const char ${NAME}[];\nconst char ${NAME}[] = {\n\t${bytes}0\n};\n")
