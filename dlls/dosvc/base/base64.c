/*
 * Base64 (RFC 4648, section 4)
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

#include "base/base64.h"

void encode_base64(const BYTE *data, UINT size, char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *p = text;
    UINT i, bits;

    for (i = 0; i < size; i += 3)
    {
        bits = data[i] << 16 | (i + 1 < size ? data[i + 1] << 8 : 0) | (i + 2 < size ? data[i + 2] : 0);
        *p++ = digits[bits >> 18];
        *p++ = digits[bits >> 12 & 63];
        *p++ = i + 1 < size ? digits[bits >> 6 & 63] : '=';
        *p++ = i + 2 < size ? digits[bits & 63] : '=';
    }
    *p = 0;
}

static int get_digit(WCHAR c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

BOOL decode_base64(const WCHAR *text, UINT length, BYTE *data, UINT max, UINT *size)
{
    UINT padding = 0, bits = 0, count = 0, i;
    int digit;

    while (padding < 2 && length > padding && text[length - 1 - padding] == '=')
        padding++;
    if (length % 4 || length / 4 * 3 - padding > max)
        return FALSE;
    for (i = 0; i < length - padding; i++)
    {
        if ((digit = get_digit(text[i])) < 0)
            return FALSE;
        bits = (bits << 6 | digit) & 0xffffff;
        if (i % 4)
            data[count++] = bits >> (6 - i % 4 * 2);
    }
    *size = count;
    /* Bits that belong to no byte are zero. */
    return !padding || !(bits & ((1 << 2 * padding) - 1));
}
