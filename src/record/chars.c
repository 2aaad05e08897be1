// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Characters of names and titles: see chars.h.
 */
#include "chars.h"

/*
 * Return the length of a character whose first byte is @lead, or 0 if no
 * character begins with it.  *@bits is set to the bits of the character in
 * @lead.
 */
static unsigned int lead_byte(unsigned int lead, unsigned int *bits)
{
	if (lead >= 0xc2 && lead < 0xe0) {
		*bits = lead & 0x1f;
		return 2;
	}
	if (lead >= 0xe0 && lead < 0xf0) {
		*bits = lead & 0x0f;
		return 3;
	}
	if (lead >= 0xf0 && lead < 0xf5) {
		*bits = lead & 0x07;
		return 4;
	}
	*bits = lead;
	return lead < 0x80 ? 1 : 0;
}

/*
 * True if @c is a valid character whose encoding has no more bytes than needed.
 */
static int well_formed(unsigned int c, unsigned int bytes)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	return c >= least[bytes] && c <= 0x10ffff &&
	       (c < 0xd800 || c > 0xdfff);
}

unsigned int record_chars_next(const char **s)
{
	const unsigned char *at = (const unsigned char *)*s;
	unsigned int c, i, bytes = lead_byte(*at, &c);

	if (!*at)
		return 0;
	for (i = 1; i < bytes; i++) {
		if ((at[i] & 0xc0) != 0x80)
			break;
		c = c << 6 | (at[i] & 0x3f);
	}
	if (!bytes || i < bytes || !well_formed(c, bytes)) {
		*s += 1;
		return CHARS_BAD;
	}
	*s += bytes;
	return c;
}

void record_chars_put(unsigned int c, FILE *to)
{
	if (c < 0x80) {
		putc((int)c, to);
	} else if (c < 0x800) {
		putc((int)(0xc0 | c >> 6), to);
		putc((int)(0x80 | (c & 0x3f)), to);
	} else if (c < 0x10000) {
		putc((int)(0xe0 | c >> 12), to);
		putc((int)(0x80 | (c >> 6 & 0x3f)), to);
		putc((int)(0x80 | (c & 0x3f)), to);
	} else {
		putc((int)(0xf0 | c >> 18), to);
		putc((int)(0x80 | (c >> 12 & 0x3f)), to);
		putc((int)(0x80 | (c >> 6 & 0x3f)), to);
		putc((int)(0x80 | (c & 0x3f)), to);
	}
}

unsigned int record_chars_plain(unsigned int c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
		return ' ';
	return c == 0xfffe || c == 0xffff ? CHARS_BAD : c;
}

/*
 * Return how many columns @c takes: two for East Asian characters, none for
 * combining accents, otherwise one.
 */
static unsigned int columns(unsigned int c)
{
	if (c >= 0x300 && c < 0x370)
		return 0;
	if ((c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0) ||
	    (c >= 0xac00 && c < 0xd7a4) || (c >= 0xf900 && c < 0xfb00) ||
	    (c >= 0xff00 && c < 0xff61) || (c >= 0x1f300 && c < 0x1fb00) ||
	    (c >= 0x20000 && c < 0x40000))
		return 2;
	return 1;
}

unsigned int record_chars_width(const char *s)
{
	unsigned int c, width = 0;

	while ((c = record_chars_next(&s)))
		width += columns(record_chars_plain(c));
	return width;
}

unsigned int record_chars_line(const char *s, FILE *to)
{
	unsigned int c, width = 0;

	while ((c = record_chars_next(&s))) {
		c = record_chars_plain(c);
		record_chars_put(c, to);
		width += columns(c);
	}
	return width;
}
