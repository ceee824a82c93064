/*
 * A list of what has been changed, and its form as text
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

/* Pure: needs nothing from Windows but types, and compiles natively, too.
 *
 * The text is ASCII:
 *
 *   dosvc undo 1
 *   CHECKSUM SECTION TYPE SIZE NAME=DATA      for each entry
 *   end COUNT CHECKSUM
 *
 * A checksum is the CRC-32, in eight digits, of the rest of its line; that of
 * the last line is of all lines before it. So damage is noticed wherever it is,
 * and the entries that it has not reached can still be told from the others.
 * Name and data are UTF-16 units, and those that are no printable ASCII, '%' and
 * '=' are written as %XXXX. The data of an odd size has a zero after its end. */

#ifndef __DOSVC_UNDO_H
#define __DOSVC_UNDO_H

#include <stdarg.h>

#include "windef.h"

enum undo_section
{
    UNDO_CREATED,  /* keys that did not exist */
    UNDO_FILES,    /* files we put there, and what they displaced */
    UNDO_PREVIOUS, /* values we replaced */
    UNDO_SERVICE,  /* settings of a service of our name */
    UNDO_WRITTEN,  /* values as we wrote them */
    UNDO_LOST,     /* a mark that entries are missing, and that content has to tell the rest */
    UNDO_SECTION_COUNT
};

extern const char *const undo_section_names[UNDO_SECTION_COUNT];

struct undo_entry
{
    enum undo_section section;
    WCHAR *name;      /* owned */
    DWORD type, size; /* of a registry value; in bytes */
    void *data;       /* owned; a zero follows */
};

/* Zero-initialised, it is empty. */
struct undo_list
{
    struct undo_entry *entries; /* owned */
    unsigned int count;
    unsigned int capacity;
};

extern void undo_clear(struct undo_list *list);
/* NULL if there is none; valid until the list changes. */
extern const struct undo_entry *undo_find(const struct undo_list *list, enum undo_section section, const WCHAR *name);
/* Adds an entry or replaces the one of this name. FALSE without memory. */
extern BOOL undo_set(struct undo_list *list, enum undo_section section, const WCHAR *name, DWORD type,
        const void *data, DWORD size);
extern void undo_remove(struct undo_list *list, enum undo_section section, const WCHAR *name);
/* Has the section any entry? */
extern BOOL undo_has_section(const struct undo_list *list, enum undo_section section);

/* Adds the sound entries that the list does not have yet. TRUE if the text is
 * complete and undamaged. */
extern BOOL undo_read(struct undo_list *list, const char *text, unsigned int size);
/* The text, to be freed, without a zero at its end; NULL without memory. */
extern char *undo_write(const struct undo_list *list, unsigned int *size);

#endif /* __DOSVC_UNDO_H */
