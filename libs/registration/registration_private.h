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

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

#define SERVICE_KEY L"System\\CurrentControlSet\\Services\\" DOSVC_SERVICE_NAME

/* table.c: what there is to register. */

enum value_group
{
    VALUES_SERVICE,  /* of the native view only */
    VALUES_CLASS,
    VALUES_PROXIES,
    VALUES_BITS,
};

/* A text value of any type; a REG_MULTI_SZ has one element. */
struct value
{
    REGSAM view;
    const WCHAR *key;   /* below HKEY_LOCAL_MACHINE */
    const WCHAR *name;  /* NULL for the default value */
    DWORD type;
    const WCHAR *text;
};

struct service_settings
{
    DWORD type, start, error_control;
    const WCHAR *command, *display_name, *description;
};

typedef DWORD (*value_func)(const struct value *value, void *context);

extern const struct service_settings service_settings;

/* Calls the function for each value of a group, to the end even if it fails;
 * returns the first failure. The path is that of dosvcps.dll, for VALUES_PROXIES. */
extern DWORD for_each_value(enum value_group group, REGSAM view, const WCHAR *path, value_func func, void *context);

/* content.c: what is in the registry. */

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
extern BOOL key_is_empty(REGSAM view, const WCHAR *path);

/* value.c: values on their way in and out, with the journal. */

#define SUBJECT_LENGTH 300

extern DWORD value_write(const struct value *value, void *context);
extern DWORD value_remove(const struct value *value, void *context);
extern BOOL value_is_written(const struct value *value);
extern enum registration_state value_get_state(const struct value *value);
/* The name of a value, for people and for the journal: SUBJECT_LENGTH characters. */
extern void value_get_subject(const struct value *value, WCHAR *subject);

/* journal.c: what was there before us. */

#define JOURNAL_CREATED  L"Created"   /* keys that did not exist */
#define JOURNAL_FILES    L"Files"     /* files we put there, and what they displaced */
#define JOURNAL_PREVIOUS L"Previous"  /* values we replaced */
#define JOURNAL_SERVICE  L"Service"   /* settings of a service of our name */
#define JOURNAL_WRITTEN  L"Written"   /* values as we wrote them */

extern DWORD journal_read(const WCHAR *section, const WCHAR *name, struct content *content);
extern DWORD journal_write(const WCHAR *section, const WCHAR *name, const struct content *content);
extern DWORD journal_write_text(const WCHAR *section, const WCHAR *name, const WCHAR *text);
extern BOOL journal_has(const WCHAR *section, const WCHAR *name);
extern void journal_forget(const WCHAR *section, const WCHAR *name);
extern BOOL journal_is_empty(void);
extern BOOL journal_has_values(void);
/* Removes the journal when nothing is left to undo. */
extern void journal_close(void);

/* service.c */

extern DWORD service_register(void);
extern DWORD service_unregister(void);
extern void service_verify(registration_check check, void *context);

/* file.c */

extern void files_verify(registration_check check, void *context);
/* Is any file at its place ours, whatever the journal says? */
extern BOOL files_are_there(void);

#endif /* __DOSVC_REGISTRATION_PRIVATE_H */
