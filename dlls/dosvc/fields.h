/*
 * The fields of an HTTP request
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

/* Pure. Fields that a client gives are lines of "Name: value". What is not such
 * a line is left out, and so is what would change how the request is framed or
 * what it asks for; nothing that a client writes can add a line of its own. */

#ifndef __DOSVC_FIELDS_H
#define __DOSVC_FIELDS_H

#include "transfer.h"

/* Zero-initialised is empty. */
struct fields
{
    WCHAR *text;    /* owned; each field ended by CRLF, the text by a zero; NULL while there is none */
    UINT length;    /* in characters */
    UINT capacity;
    BOOL is_failed; /* out of memory: something is missing */
};

/* Unless there is a field of this name, or the value is none. */
extern void fields_add(struct fields *fields, const char *name, const WCHAR *value);
/* Those lines of a client that may be sent, except for fields that are there
 * already; of one name there may be several. is_foreign: to another origin than
 * the client knows of, so without credentials. */
extern void fields_add_lines(struct fields *fields, const WCHAR *lines, BOOL is_foreign);
extern void fields_clear(struct fields *fields);

#endif /* __DOSVC_FIELDS_H */
