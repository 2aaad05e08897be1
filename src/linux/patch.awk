# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# awk -v parts="FOLDER FILE..." -v left=FILE -f patch.awk PATCH: print what PATCH
# changes in these folders and files, and write the names of the others to LEFT.
# A series changes documents and drivers too, and the copy of a tree has only
# what is compiled here.
#
# A file's section begins with a line "diff --git", or with a line "---" if there
# is no such line, and is printed as a whole.  The lines of a hunk are counted,
# because one of them may look like the beginning of a section.

function is_needed(path,    n, i, names)
{
	n = split(parts, names, /[ \n]+/)
	for (i = 1; i <= n; i++)
		if (names[i] != "" && (path == names[i] ||
		    index(path, names[i] "/") == 1))
			return 1
	return 0
}

# The name that a line of a patch has, without its first folder.
function name_of(text)
{
	sub(/\t.*/, "", text)
	sub(/^[^\/]*\//, "", text)
	return text
}

function end_section()
{
	if (section != "" && path != "") {
		if (is_needed(path))
			printf "%s", section
		else
			print path >left
	}
	section = ""
	path = ""
}

function begin_section(by_git)
{
	end_section()
	git = by_git
}

old > 0 || new > 0 {
	section = section $0 "\n"
	first = substr($0, 1, 1)
	if (first != "+" && first != "\\")
		old--
	if (first != "-" && first != "\\")
		new--
	next
}

/^diff --git / {
	begin_section(1)
	path = $0
	sub(/.* b\//, "", path)
	section = $0 "\n"
	next
}

/^--- / {
	if (!git)
		begin_section(0)
	if (path == "" && $2 != "/dev/null")
		path = name_of(substr($0, 5))
}

/^\+\+\+ / {
	if (path == "" || (!git && $2 != "/dev/null"))
		path = name_of(substr($0, 5))
	git = 0		# another "---" begins another section
}

/^@@ -/ {
	split($2, from, ",")
	split($3, to, ",")
	old = from[2] == "" ? 1 : from[2]
	new = to[2] == "" ? 1 : to[2]
}

# Other lines between the sections are the text of a mail.
/^(--- |\+\+\+ |@@ |\\)/ {
	section = section $0 "\n"
}

git && /^(index|new file|deleted file|old mode|new mode|similarity|rename|copy) / {
	section = section $0 "\n"
}

END { end_section() }
