/*
 * The parts of registration
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

#ifndef __DOSVC_REGISTRATION_PRIVATE_H
#define __DOSVC_REGISTRATION_PRIVATE_H

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "registration.h"
#include "undo.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* table.c: tables of all values, files and settings. */

enum value_group
{
    VALUES_SERVICE,  /* of the native view only */
    VALUES_CLASS,
    VALUES_PROXIES,
    VALUES_BITS,
    VALUES_FRONT,
};

/* A text value of any type; a REG_MULTI_SZ has one element. */
struct value
{
    REGSAM view;
    const WCHAR *key;   /* below HKEY_LOCAL_MACHINE */
    const WCHAR *name;  /* NULL for the default value */
    DWORD type;
    const WCHAR *text;
    const struct registration_interface *iface; /* subject of the value, or NULL */
};

struct service_settings
{
    DWORD type, start, error_control;
    const WCHAR *command, *display_name, *description;
};

typedef DWORD (*value_func)(const struct value *value, void *context);

extern const struct service_settings service_settings;

/* Call the function for each value of a group, to the end even if one call fails, and return the first failure. The
 * path is that of dosvcps.dll, for VALUES_PROXIES. */
extern DWORD for_each_value(enum value_group group, REGSAM view, const WCHAR *path, value_func func, void *context);

/* width.c */

/* Return the view of 64-bit programs in a 64-bit prefix, also in a 32-bit program. */
extern REGSAM get_native_view(void);

/* content.c: values of the registry, without the journal. */

/* Data is NULL when the value does not exist. */
struct content
{
    DWORD type, size; /* in bytes */
    void *data;       /* owned */
};

extern DWORD content_read(REGSAM view, const WCHAR *key, const WCHAR *name, struct content *content);
extern DWORD content_write(REGSAM view, const WCHAR *key, const WCHAR *name, const struct content *content);
extern DWORD content_delete(REGSAM view, const WCHAR *key, const WCHAR *name);
extern BOOL content_is_equal(const struct content *a, const struct content *b);
extern void content_free(struct content *content);
extern BOOL key_exists(REGSAM view, const WCHAR *path);
extern BOOL key_is_empty(REGSAM view, const WCHAR *path);

/* value.c: values that are registered and unregistered, with the journal. */

#define SUBJECT_LENGTH 300

/* Make the entries of the journal that value_write needs. */
extern DWORD value_record(const struct value *value, void *context);
extern DWORD value_write(const struct value *value, void *context);
/* Restore the value that the journal has; if the journal has lost it, delete a value of ours. */
extern DWORD value_remove(const struct value *value, void *context);
/* Return whether the content of the value is ours, whatever the journal says. */
extern BOOL value_is_ours(const struct value *value);
/* Return whether the content proves that the value is ours. Wine or somebody else may have the same name of an
 * interface or of a class. */
extern BOOL value_is_unmistakable(const struct value *value);
extern BOOL value_is_written(const struct value *value);
extern enum registration_state value_get_state(const struct value *value);
/* Write the name of a value, for people and for the journal: SUBJECT_LENGTH characters. */
extern void value_get_subject(const struct value *value, WCHAR *subject);

/* journal.c: previous content of all that was changed. All functions but journal_open need an open journal. */

/* Wait for other processes and open the journal; may be nested. */
extern DWORD journal_open(void);
/* Save the changes of the journal, if there are any. */
extern void journal_close(void);
/* Save the changes, and both copies if one is damaged. To be called before the change of the prefix. */
extern DWORD journal_save(void);

extern DWORD journal_read(enum undo_section section, const WCHAR *name, struct content *content);
extern DWORD journal_write(enum undo_section section, const WCHAR *name, const struct content *content);
extern DWORD journal_write_text(enum undo_section section, const WCHAR *name, const WCHAR *text);
extern BOOL journal_has(enum undo_section section, const WCHAR *name);
extern void journal_forget(enum undo_section section, const WCHAR *name);
extern BOOL journal_is_empty(void);
extern BOOL journal_has_values(void);
/* Return whether entries are missing, so that content tells which values are ours. */
extern BOOL journal_is_lost(void);
extern void journal_set_lost(BOOL is_lost);
/* Return whether there was no journal at all. */
extern BOOL journal_is_missing(void);
/* Return whether both copies are there and undamaged. */
extern BOOL journal_has_both_copies(void);

/* Tell the listener. */
extern void tell(enum registration_event event, const WCHAR *subject);

/* service.c */

extern DWORD service_register(void);
extern DWORD service_unregister(void);
extern void service_verify(registration_check check, void *context);
/* Return whether the service of this name is ours. */
extern void service_find_left(registration_check check, void *context);
/* Stop a service as registration_stop_service does, by this control. */
extern DWORD service_stop(const WCHAR *name, DWORD control);
/* Start a service and wait until it runs. */
extern DWORD service_start(const WCHAR *name);

/* wine.c: values that Wine itself registers */

/* Return whether Wine has proxies for the interfaces of BITS, for this width. */
extern BOOL wine_has_bits(REGSAM view);
/* Register Wine's proxies, unless each interface has proxies. */
extern DWORD wine_register_bits(REGSAM view);

/* file.c: as the functions of registration.h, with an open journal */

extern DWORD file_install(const struct registration_file *file, const WCHAR *source);
extern DWORD file_remove(const struct registration_file *file, BOOL can_move);
extern void files_verify(registration_check check, void *context);
/* Is any file at its place ours, whatever the journal says? */
extern BOOL files_are_there(void);

/* front.c */

extern const WCHAR * const front_clsids[]; /* in table.c; the first is that of BITS 1.5, and NULL the last */
extern void front_end_diversion(REGSAM view);
extern void front_verify(registration_check check, void *context);

#endif /* __DOSVC_REGISTRATION_PRIVATE_H */
