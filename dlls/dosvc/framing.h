/*
 * Where an HTTP/1.1 response ends
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

/* Pure. Works on the bytes of a connection, and trusts none of them: what is
 * not well-formed, or could be read in two ways, is an error, so that nothing
 * of one response is ever taken for a part of another (RFC 9112). */

#ifndef __DOSVC_FRAMING_H
#define __DOSVC_FRAMING_H

#include "transfer.h"

#define FRAMING_HEAD_MAX    65536 /* bytes of a head, with the empty line at its end */
#define FRAMING_LINE_MAX    16384 /* bytes of one line of it */
#define FRAMING_FIELDS_MAX  256

/* How the end of a body is told. */
enum framing_kind
{
    FRAMING_LENGTH,  /* by a count; also 0 */
    FRAMING_CHUNKED,
    FRAMING_CLOSE,   /* by the end of the connection */
};

enum chunk_state
{
    CHUNK_SIZE_START, /* at the first digit */
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    CHUNK_TRAILER_START,
    CHUNK_TRAILER,
    CHUNK_TRAILER_LF,
    CHUNK_END_LF,
    CHUNK_DONE,
};

struct framing
{
    enum framing_kind kind;
    BOOL is_persistent;  /* the connection may be used again after the end */
    BOOL is_ended;       /* the whole body has been seen */
    UINT64 left;         /* FRAMING_LENGTH: of the body, FRAMING_CHUNKED: of the chunk; in bytes */
    enum chunk_state state;
    UINT overhead;       /* of the line or trailer in progress, in bytes */
};

/* Look for the end of a head. size bytes are there, of which the first checked
 * have been looked at before. The length of the head with its empty line, or
 * 0 if that has not come yet. */
extern UINT framing_find_head(const char *data, UINT size, UINT checked);
/* Check each line of a complete head and learn how its body ends. FALSE if the
 * response is not to be used. The status may be interim (1xx). */
extern BOOL framing_init(struct framing *framing, const char *head, UINT size, DWORD *status);
/* Take size bytes that have arrived. Framing is removed in place: the first
 * data_size bytes are what belongs to the body. used tells how many of size
 * belong to this response. FALSE if they make no sense. */
extern BOOL framing_take(struct framing *framing, BYTE *data, UINT size, UINT *data_size, UINT *used);
/* The connection has ended. FALSE if something is missing. */
extern BOOL framing_close(struct framing *framing);

#endif /* __DOSVC_FRAMING_H */
