/*
 * Origins of URLs whose hosts have letters other than ASCII
 *
 * Copyright 2026 the dosvc authors
 *
 * This library is free software; you can redistribute it and/or
 * modify it under the terms of the GNU Lesser General Public
 * License as published by the Free Software Foundation; either
 * version 2.1 of the License, or (at your option) any later version.
 *
 * This library is distributed in the hope that it will be useful,
 * but WITHOUT ANY WARRANTY; without even the implied warranty of
 * MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the GNU
 * Lesser General Public License for more details.
 *
 * You should have received a copy of the GNU Lesser General Public
 * License along with this library; if not, write to the Free Software
 * Foundation, Inc., 51 Franklin St, Fifth Floor, Boston, MA 02110-1301, USA
 */

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"
#include "winnls.h"

#include "net/origin.h"
#include "base/text.h"

/* Decode escapes in place. Return the new length. */
static UINT decode_escapes(char *text, UINT length)
{
    UINT in, out = 0;

    for (in = 0; in < length; in++, out++)
    {
        text[out] = text[in];
        if (text[in] != '%' || length - in < 3 || (text_hex_digit(text[in + 1]) | text_hex_digit(text[in + 2])) < 0)
            continue;
        text[out] = text_hex_digit(text[in + 1]) << 4 | text_hex_digit(text[in + 2]);
        in += 2;
    }
    return out;
}

/* Parse the origin of a URL whose host has escapes, or letters other than ASCII. */
static BOOL parse_international(const struct url *url, struct url_origin *origin)
{
    WCHAR wide[URL_HOST_MAX], ascii[URL_HOST_MAX];
    char utf8[3 * URL_HOST_MAX];
    struct url copy = *url;
    int length;

    if (!(length = WideCharToMultiByte(CP_UTF8, 0, url->authority, url->host_length, utf8, sizeof(utf8), NULL, NULL))
            || !(length = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8, decode_escapes(utf8, length), wide,
            ARRAY_SIZE(wide))) || !(length = IdnToAscii(IDN_ALLOW_UNASSIGNED, wide, length, ascii, ARRAY_SIZE(ascii))))
        return FALSE;
    copy.authority = ascii;
    copy.host_length = length;
    return url_parse_origin(&copy, origin);
}

BOOL origin_parse(const WCHAR *text, struct url *url, struct url_origin *origin)
{
    return url_parse(text, url) && (url_parse_origin(url, origin) || parse_international(url, origin));
}
