/*
 * JSON: is a text an object, and what are its members and items
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

/* Pure. A text comes from a client or a server and has limits in size and depth. */

#ifndef __DOSVC_JSON_H
#define __DOSVC_JSON_H

#include "base/types.h"

#define JSON_SIZE_MAX  (64 * 1024 * 1024) /* characters */
#define JSON_DEPTH_MAX 32

enum json_type
{
    JSON_NONE, /* no such member */
    JSON_STRING,
    JSON_NUMBER,
    JSON_ARRAY,
    JSON_OTHER, /* object, true, false, null */
};

/* Points into the text. */
struct json_value
{
    enum json_type type;
    const WCHAR *text; /* of a string: what is between the quotes, with escapes */
    UINT length;
};

/* Place in an object or an array; zero-initialised is at the end. */
struct json_reader
{
    const WCHAR *p;
    const WCHAR *end;
    WCHAR close; /* character behind the last item, or 0 */
};

/* Return whether the text is one well-formed object. */
extern BOOL json_is_object(const WCHAR *text, UINT length);
/* Return a member of the outermost object; of several with the name the last one. The text must have passed
 * json_is_object. */
extern struct json_value json_find(const WCHAR *text, UINT length, const WCHAR *name);
/* Read the members of the outermost object, or the items of an array. The text must have passed json_is_object. */
extern struct json_reader json_open(const WCHAR *text, UINT length);
extern struct json_reader json_open_array(const struct json_value *array);
/* Get the next member, or the next item, which has no name. FALSE at the end. */
extern BOOL json_next(struct json_reader *reader, struct json_value *name, struct json_value *value);
/* Return whether a string, without escapes, is this text. */
extern BOOL json_is_string(const struct json_value *value, const WCHAR *text);
/* Get a number that is written as an integer and not negative. FALSE for others. */
extern BOOL json_get_integer(const struct json_value *value, UINT64 *number);
/* Copy a string without escapes, terminated; size is in characters. FALSE if the value is not a string or does not
 * fit. */
extern BOOL json_get_string(const struct json_value *value, WCHAR *buffer, UINT size);

#endif /* __DOSVC_JSON_H */
