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

/* Pure. */

#ifndef __DOSVC_BASE64_H
#define __DOSVC_BASE64_H

#include "base/types.h"

/* Characters of so many bytes, without the terminator. */
#define BASE64_LENGTH(size) (((size) + 2) / 3 * 4)

/* Write BASE64_LENGTH(size) characters and a zero. */
extern void encode_base64(const BYTE *data, UINT size, char *text);
/* Read a padded text of nothing but base64, in the one way that the encoder writes it. FALSE if it is none, or has more
 * than max bytes. */
extern BOOL decode_base64(const WCHAR *text, UINT length, BYTE *data, UINT max, UINT *size);

#endif /* __DOSVC_BASE64_H */
