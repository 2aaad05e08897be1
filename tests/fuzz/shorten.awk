# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Shorten a record: its last operations, the call sites that these need, and all
# other lines, with a short text for the report.  A fuzzer tries many more changes of a short input.
#
#	awk -v operations=N -f shorten.awk RECORD

BEGIN {
	reference = "\"(site|at|allocated|freed|other|blocker_site)\":[0-9]+"
}

# With marks, note which sites the line refers to; without, return the line with
# their new numbers.
function follow(line, marks,	done, ref, colon) {
	done = ""
	while (match(line, reference)) {
		ref = substr(line, RSTART, RLENGTH)
		colon = index(ref, ":")
		done = done substr(line, 1, RSTART - 1) substr(ref, 1, colon)
		ref = substr(ref, colon + 1)
		line = substr(line, RSTART + RLENGTH)
		if (marks)
			needed[ref] = 1
		done = done (marks ? ref : new[ref])
	}
	return done line
}

{
	lines[NR] = $0
	if (/^\{"op"/)
		ops++
	sub(/"report":"([^"\\]|\\.)*"/, "\"report\":\"two\\nlines\"", lines[NR])
}

END {
	skip = ops > operations ? ops - operations : 0
	for (i = 1; i <= NR; i++) {
		if (lines[i] ~ /^\{"op"/ && skip-- > 0)
			lines[i] = ""
		if (lines[i] !~ /^\{"site"/)
			follow(lines[i], 1)
	}
	for (i = 1; i <= NR; i++) {
		if (lines[i] ~ /^\{"site"/) {
			match(lines[i], /[0-9]+/)
			site = substr(lines[i], RSTART, RLENGTH)
			if (!(site in needed))
				continue
			new[site] = ++sites
		}
		if (lines[i] != "")
			print follow(lines[i], 0)
	}
}
